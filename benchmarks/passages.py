"""A short passage in each language that no book of ours is in, written for this project, to be put into old encodings."""

from __future__ import annotations

from collections.abc import Mapping

PASSAGES: Mapping[str, str] = {
    "cs": (
        "Když se Alžběta vrátila domů, mlýn už rok stál. Na kamenech ležel prach a vlaštovky si v násypce postavily "
        "hnízdo. Otevřela všechny okenice a nechala vítr proběhnout světnicemi. Bratr jí psal, že nepřijede, protože má "
        "ve městě obchod a ženu, která nenávidí bláto. „Tak to zkusím sama,“ řekla si a šla k řece. Voda byla ještě "
        "studená, ale náhon byl čistý. Večer přišel starý soused, přinesl chléb a dlouho mlčel. Pak řekl: Tvůj otec by "
        "měl radost. Příští ráno se kolo poprvé otočilo."
    ),
    "sk": (
        "Keď sa Alžbeta vrátila domov, mlyn už rok stál. Na kameňoch ležal prach a lastovičky si v násypke postavili "
        "hniezdo. Otvorila všetky okenice a nechala vietor prebehnúť izbami. Brat jej písal, že nepríde, lebo má v meste "
        "obchod a ženu, ktorá nenávidí blato. „Tak to skúsim sama,“ povedala si a šla k rieke. Voda bola ešte studená, "
        "ale náhon bol čistý. Večer prišiel starý sused, priniesol chlieb a dlho mlčal. Potom povedal: Tvoj otec by mal "
        "radosť. Ďalšie ráno sa koleso prvý raz otočilo."
    ),
    "hu": (
        "Amikor Erzsébet hazatért, a malom már egy éve állt. A köveken por feküdt, és a fecskék fészket raktak a garatba. "
        "Kinyitotta az összes zsalut, és hagyta, hogy a szél átfusson a szobákon. A bátyja azt írta, hogy nem jön, mert "
        "boltja van a városban, és olyan felesége, aki gyűlöli a sarat. „Akkor megpróbálom egyedül” – mondta, és lement a "
        "folyóhoz. A víz még hideg volt, de a csatorna tiszta. Este jött az öreg szomszéd, kenyeret hozott, és sokáig "
        "hallgatott. Aztán így szólt: Apád örülne. Másnap reggel a kerék először fordult meg."
    ),
    "hr": (
        "Kad se Jelena vratila kući, mlin je već godinu dana stajao. Na kamenju je ležala prašina, a lastavice su u "
        "košu svile gnijezdo. Otvorila je sve kapke i pustila vjetar da prođe kroz sobe. Brat joj je pisao da neće doći, "
        "jer u gradu ima dućan i ženu koja mrzi blato. „Onda ću pokušati sama”, rekla je i pošla prema rijeci. Voda je "
        "još bila hladna, ali žlijeb je bio čist. Navečer je došao stari susjed, donio kruh i dugo šutio. Zatim reče: "
        "Tvoj bi se otac veselio. Sljedećeg jutra kotač se prvi put okrenuo."
    ),
    "sl": (
        "Ko se je Jelka vrnila domov, je mlin stal že eno leto. Na kamnih je ležal prah, lastovke pa so si v grotu "
        "zgradile gnezdo. Odprla je vsa okna in pustila, da je veter šel skozi sobe. Brat ji je pisal, da ne bo prišel, "
        "ker ima v mestu trgovino in ženo, ki sovraži blato. »Potem bom poskusila sama,« je rekla in šla k reki. Voda je "
        "bila še mrzla, toda žleb je bil čist. Zvečer je prišel stari sosed, prinesel kruh in dolgo molčal. Nato je "
        "rekel: Tvoj oče bi bil vesel. Naslednje jutro se je kolo prvič zavrtelo."
    ),
    "ro": (
        "Când Ileana s-a întors acasă, moara stătea de un an. Pe pietre se așternuse praful, iar rândunelele își "
        "făcuseră cuib în coș. A deschis toate obloanele și a lăsat vântul să treacă prin odăi. Fratele îi scrisese că nu "
        "vine, fiindcă are în oraș o prăvălie și o nevastă care urăște noroiul. „Atunci încerc singură”, a spus ea și a "
        "coborât la râu. Apa era încă rece, dar jgheabul era curat. Seara a venit bătrânul vecin, a adus pâine și a "
        "tăcut îndelung. Apoi a zis: Tatăl tău s-ar bucura. A doua zi dimineața roata s-a învârtit întâia oară."
    ),
    "tr": (
        "Elif köye döndüğünde değirmen bir yıldır çalışmıyordu. Taşların üstünü toz kaplamış, kırlangıçlar oluğun içine "
        "yuva yapmıştı. Bütün kepenkleri açtı, rüzgârın odalardan geçmesine izin verdi. Ağabeyi gelmeyeceğini yazmıştı; "
        "şehirde bir dükkânı, çamurdan nefret eden bir karısı vardı. “Öyleyse tek başıma denerim,” dedi ve ırmağa indi. "
        "Su daha soğuktu, ama ark temizdi. Akşam yaşlı komşu geldi, ekmek getirdi, uzun süre sustu. Sonra şöyle dedi: "
        "Baban görse sevinirdi. Ertesi sabah çark ilk kez döndü."
    ),
    "sv": (
        "När Elsa kom hem hade kvarnen stått stilla i ett år. Dammet låg på stenarna, och svalorna hade byggt bo i "
        "tratten. Hon öppnade alla luckor och lät vinden gå genom rummen. Brodern hade skrivit att han inte tänkte "
        "komma, för han hade affär i staden och en hustru som avskydde lera. ”Då försöker jag själv”, sade hon och gick "
        "ner till ån. Vattnet var ännu kallt, men rännan var ren. På kvällen kom den gamle grannen, hade bröd med sig "
        "och teg länge. Sedan sade han: Din far skulle ha blivit glad. Nästa morgon gick hjulet runt för första gången."
    ),
    "da": (
        "Da Else kom hjem, havde møllen stået stille i et år. Støvet lå på stenene, og svalerne havde bygget rede i "
        "tragten. Hun åbnede alle skodder og lod vinden gå gennem stuerne. Broderen havde skrevet, at han ikke kom, for "
        "han havde en forretning i byen og en kone, der afskyede mudder. »Så prøver jeg selv,« sagde hun og gik ned til "
        "åen. Vandet var endnu koldt, men renden var ren. Om aftenen kom den gamle nabo, havde brød med og tav længe. Så "
        "sagde han: Din far ville være blevet glad. Næste morgen drejede hjulet rundt for første gang."
    ),
    "no": (
        "Da Else kom hjem, hadde mølla stått stille i et år. Støvet lå på steinene, og svalene hadde bygd reir i "
        "trakten. Hun åpnet alle lemmene og lot vinden gå gjennom rommene. Broren hadde skrevet at han ikke ville komme, "
        "for han hadde butikk i byen og en kone som hatet søle. «Da får jeg prøve selv», sa hun og gikk ned til elva. "
        "Vannet var ennå kaldt, men renna var ren. Om kvelden kom den gamle naboen, hadde med seg brød og tidde lenge. "
        "Så sa han: Far din ville ha blitt glad. Neste morgen gikk hjulet rundt for første gang, og sjøfuglene fløy."
    ),
    "fi": (
        "Kun Elsa palasi kotiin, mylly oli seissyt jo vuoden. Kivillä oli pölyä, ja pääskyset olivat rakentaneet pesän "
        "suppiloon. Hän avasi kaikki luukut ja päästi tuulen kulkemaan huoneiden läpi. Veli oli kirjoittanut, ettei hän "
        "tule, sillä hänellä oli kaupungissa puoti ja vaimo, joka vihasi mutaa. ”Sitten yritän itse”, hän sanoi ja lähti "
        "joelle. Vesi oli vielä kylmää, mutta ränni oli puhdas. Illalla tuli vanha naapuri, toi leipää ja oli pitkään "
        "vaiti. Sitten hän sanoi: Isäsi olisi iloinen. Seuraavana aamuna ratas pyörähti ensimmäisen kerran."
    ),
    "is": (
        "Þegar Elísabet kom heim hafði myllan staðið kyrr í heilt ár. Ryk lá á steinunum og svölurnar höfðu gert sér "
        "hreiður í trektinni. Hún opnaði alla hlera og lét vindinn fara um stofurnar. Bróðir hennar hafði skrifað að hann "
        "kæmi ekki, því að hann ætti búð í bænum og konu sem hataði leðju. „Þá reyni ég sjálf,“ sagði hún og gekk niður "
        "að ánni. Vatnið var enn kalt en rennan var hrein. Um kvöldið kom gamli nágranninn með brauð og þagði lengi. Svo "
        "sagði hann: Faðir þinn yrði glaður. Næsta morgun snerist hjólið í fyrsta sinn."
    ),
    "et": (
        "Kui Elsa koju tagasi tuli, oli veski juba aasta seisnud. Kividel lasus tolm ja pääsukesed olid kolusse pesa "
        "teinud. Ta avas kõik luugid ja lasi tuulel läbi tubade käia. Vend oli kirjutanud, et ta ei tule, sest tal on "
        "linnas pood ja naine, kes vihkab pori. „Siis proovin ise,” ütles ta ja läks jõe äärde. Vesi oli veel külm, kuid "
        "renn oli puhas. Õhtul tuli vana naaber, tõi leiba ja vaikis kaua. Siis ta ütles: Su isa rõõmustaks. Järgmisel "
        "hommikul tegi ratas esimese tiiru."
    ),
    "lv": (
        "Kad Ilze atgriezās mājās, dzirnavas jau gadu stāvēja. Uz akmeņiem gulēja putekļi, un bezdelīgas piltuvē bija "
        "uzcēlušas ligzdu. Viņa atvēra visus slēģus un ļāva vējam skriet cauri istabām. Brālis rakstīja, ka nebrauks, jo "
        "viņam pilsētā ir veikals un sieva, kas ienīst dubļus. „Tad mēģināšu viena,” viņa teica un gāja uz upi. Ūdens vēl "
        "bija auksts, bet tekne bija tīra. Vakarā atnāca vecais kaimiņš, atnesa maizi un ilgi klusēja. Tad viņš sacīja: "
        "Tavs tēvs priecātos. Nākamajā rītā rats pirmo reizi apgriezās."
    ),
    "lt": (
        "Kai Elžbieta grįžo namo, malūnas jau metus stovėjo. Ant akmenų gulėjo dulkės, o kregždės piltuve buvo susisukusios "
        "lizdą. Ji atidarė visas langines ir leido vėjui lėkti per kambarius. Brolis rašė, kad neatvažiuos, nes mieste "
        "turi krautuvę ir žmoną, kuri nekenčia purvo. „Tada pabandysiu viena“, – tarė ji ir nuėjo prie upės. Vanduo dar "
        "buvo šaltas, bet lovys buvo švarus. Vakare atėjo senas kaimynas, atnešė duonos ir ilgai tylėjo. Paskui tarė: "
        "Tavo tėvas džiaugtųsi. Kitą rytą ratas apsisuko pirmą kartą."
    ),
    "el": (
        "Όταν η Ελένη γύρισε στο σπίτι, ο μύλος είχε σταματήσει εδώ κι έναν χρόνο. Σκόνη σκέπαζε τις πέτρες και τα "
        "χελιδόνια είχαν χτίσει φωλιά στο χωνί. Άνοιξε όλα τα παραθυρόφυλλα και άφησε τον άνεμο να περάσει από τα δωμάτια. "
        "Ο αδελφός της έγραφε πως δεν θα έρθει, γιατί έχει μαγαζί στην πόλη και γυναίκα που μισεί τη λάσπη. «Τότε θα "
        "δοκιμάσω μόνη μου», είπε και κατέβηκε στο ποτάμι. Το νερό ήταν ακόμη κρύο, μα το αυλάκι ήταν καθαρό. Το βράδυ "
        "ήρθε ο γέρος γείτονας, έφερε ψωμί και σώπασε πολλή ώρα. Ύστερα είπε: Ο πατέρας σου θα χαιρόταν."
    ),
    "he": (
        "כשחזרה אלישבע הביתה עמדה הטחנה דוממת זה שנה. אבק כיסה את האבנים, והסנוניות בנו קן במשפך. היא פתחה את כל התריסים "
        "והניחה לרוח לעבור בחדרים. אחיה כתב שלא יבוא, כי יש לו חנות בעיר ואישה ששונאת בוץ. אז אנסה לבדי, אמרה וירדה אל "
        "הנהר. המים היו עדיין קרים, אבל התעלה הייתה נקייה. בערב בא השכן הזקן, הביא לחם ושתק זמן רב. אחר כך אמר: אביך היה "
        "שמח. למחרת בבוקר הסתובב הגלגל בפעם הראשונה."
    ),
    "th": (
        "เมื่ออรุณกลับถึงบ้าน โรงสีก็หยุดมาได้หนึ่งปีแล้ว ฝุ่นจับอยู่บนก้อนหิน และนกนางแอ่นทำรังอยู่ในราง เธอเปิดหน้าต่างทุกบานให้ลมพัดผ่านห้อง "
        "พี่ชายเขียนจดหมายมาว่าจะไม่กลับ เพราะเขามีร้านค้าในเมืองและภรรยาที่เกลียดโคลน ถ้าอย่างนั้นฉันจะลองทำเอง เธอพูดแล้วเดินลงไปที่แม่น้ำ "
        "น้ำยังเย็นอยู่ แต่รางน้ำสะอาดดี ตอนเย็นเพื่อนบ้านผู้เฒ่าเอาขนมปังมาให้และนั่งเงียบอยู่นาน แล้วเขาก็พูดว่า พ่อของเธอคงดีใจ"
    ),
    "vi": (
        "Khi Lan trở về nhà, cối xay đã đứng im một năm. Bụi phủ trên những phiến đá, và chim én đã làm tổ trong máng. Cô "
        "mở hết các cánh cửa để gió thổi qua những căn phòng. Anh trai viết rằng anh sẽ không về, vì anh có cửa hàng ở "
        "thành phố và một người vợ ghét bùn. Vậy thì tôi sẽ thử một mình, cô nói rồi đi xuống bờ sông. Nước vẫn còn lạnh, "
        "nhưng con mương đã sạch. Buổi tối, ông hàng xóm già đến, mang theo bánh mì và im lặng rất lâu."
    ),
    "uk": (
        "Коли Олена повернулася додому, млин уже рік стояв. На каменях лежав пил, а ластівки збудували в лотоці гніздо. "
        "Вона відчинила всі віконниці й пустила вітер крізь кімнати. Брат писав, що не приїде, бо має в місті крамницю і "
        "жінку, яка ненавидить багнюку. «Тоді спробую сама», — сказала вона й пішла до річки. Вода була ще холодна, та "
        "жолоб був чистий. Увечері прийшов старий сусід, приніс хліба й довго мовчав. Потім сказав: Твій батько зрадів би. "
        "Наступного ранку колесо вперше обернулося."
    ),
    "bg": (
        "Когато Елена се върна у дома, мелницата стоеше от година. Върху камъните лежеше прах, а лястовиците бяха свили "
        "гнездо в коша. Тя отвори всички капаци и пусна вятъра да мине през стаите. Брат ѝ пишеше, че няма да дойде, "
        "защото има дюкян в града и жена, която мрази калта. „Тогава ще опитам сама“, каза тя и слезе до реката. Водата "
        "беше още студена, но улеят беше чист. Вечерта дойде старият съсед, донесе хляб и дълго мълча. После каза: Баща "
        "ти щеше да се зарадва. На другата сутрин колелото се завъртя за пръв път."
    ),
    "sr": (
        "Кад се Јелена вратила кући, млин је већ годину дана стајао. На камењу је лежала прашина, а ласте су у кошу свиле "
        "гнездо. Отворила је све капке и пустила ветар да прође кроз собе. Брат јој је писао да неће доћи, јер у граду има "
        "дућан и жену која мрзи блато. „Онда ћу покушати сама“, рекла је и пошла према реци. Вода је још била хладна, али "
        "жлеб је био чист. Увече је дошао стари сусед, донео хлеб и дуго ћутао. Затим рече: Твој отац би се радовао."
    ),
}
