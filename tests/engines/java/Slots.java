// The part of Flink's and Spark's runners that has to do with workers: Beam's own classes ask for them, as they do in a task
// manager, and give each slot one bundle. Compiled and run by tests/engines/test_java_workers.py.

import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.apache.beam.runners.core.construction.PipelineOptionsTranslation;
import org.apache.beam.runners.core.construction.graph.ExecutableStage;
import org.apache.beam.runners.core.construction.graph.GreedyPipelineFuser;
import org.apache.beam.runners.fnexecution.control.BundleProgressHandler;
import org.apache.beam.runners.fnexecution.control.DefaultJobBundleFactory;
import org.apache.beam.runners.fnexecution.control.OutputReceiverFactory;
import org.apache.beam.runners.fnexecution.control.RemoteBundle;
import org.apache.beam.runners.fnexecution.provisioning.JobInfo;
import org.apache.beam.runners.fnexecution.state.StateRequestHandler;
import org.apache.beam.sdk.fn.data.FnDataReceiver;
import org.apache.beam.sdk.util.WindowedValue;
import org.apache.beam.vendor.grpc.v1p48p1.com.google.protobuf.Struct;
import org.apache.beam.vendor.grpc.v1p48p1.com.google.protobuf.util.JsonFormat;

public class Slots {
  // arguments: the pipeline as protocol buffer, its options as JSON, the number of slots
  public static void main(String[] arguments) throws Exception {
    RunnerApi.Pipeline pipeline =
        RunnerApi.Pipeline.parseFrom(Files.readAllBytes(Paths.get(arguments[0])));
    Struct.Builder given = Struct.newBuilder();
    JsonFormat.parser().merge(Files.readString(Paths.get(arguments[1])), given);
    // there and back, as a job server does it
    Struct options =
        PipelineOptionsTranslation.toProto(PipelineOptionsTranslation.fromProto(given.build()));
    ExecutableStage stage =
        GreedyPipelineFuser.fuse(pipeline).getFusedStages().iterator().next();
    int slots = Integer.parseInt(arguments[2]);
    ExecutorService threads = Executors.newFixedThreadPool(slots);
    List<Future<?>> bundles = new ArrayList<>();
    DefaultJobBundleFactory factory =
        DefaultJobBundleFactory.create(JobInfo.create("job", "job", "", options));
    for (int slot = 0; slot < slots; slot++) {
      bundles.add(threads.submit(() -> runBundle(factory, stage)));
    }
    for (Future<?> bundle : bundles) {
      try {
        bundle.get(2, TimeUnit.MINUTES);
        System.out.println("done");
      } catch (ExecutionException error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        System.out.println("failed: " + cause.getMessage().trim());
      }
    }
    factory.close();
    System.exit(0);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Void runBundle(DefaultJobBundleFactory factory, ExecutableStage stage)
      throws Exception {
    OutputReceiverFactory outputs =
        new OutputReceiverFactory() {
          @Override
          public <T> FnDataReceiver<T> create(String collection) {
            return value -> {};
          }
        };
    try (RemoteBundle bundle =
        factory
            .forStage(stage)
            .getBundle(
                outputs, StateRequestHandler.unsupported(), BundleProgressHandler.ignored())) {
      FnDataReceiver impulse = bundle.getInputReceivers().values().iterator().next();
      impulse.accept(WindowedValue.valueInGlobalWindow(new byte[0]));
    }
    return null;
  }
}
