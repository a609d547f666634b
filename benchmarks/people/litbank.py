def judge_litbank(folder, ways): return []
