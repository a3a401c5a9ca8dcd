/** A name, and what a user name makes of it: ASCII letters only. */
interface Spelled {
  readonly native: string;
  readonly latin: string;
}

/** Given names and surnames that go together. */
interface Culture {
  readonly given: readonly Spelled[];
  readonly family: readonly Spelled[];
}

/** Letters that Unicode does not take apart into a base letter and a mark. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  ł: 'l',
  đ: 'd',
  ı: 'i',
};

/** Names in the languages of an international company; `native/latin` where the script is not Latin. */
const CULTURES: readonly Culture[] = [
  culture(
    'Amelia Benjamin Charlotte Daniel Eleanor Frederick Grace Harry Isabel Jack Katherine Liam Olivia Samuel',
    "Anderson Bennett Carter Davidson Edwards Harrison Jackson Johnson O'Brien O'Connor Robinson Smith Thompson Wilson",
  ),
  culture(
    'Anna Björn Claudia Dörte Felix Greta Hans Jörg Katrin Lukas Matthias Sabine Uwe Änne',
    'Bauer Fischer Großmann Hofmann Jäger Köhler Krüger Müller Neumann Schäfer Schmidt Schröder Weiß Zimmermann',
  ),
  culture(
    'Aurélie Benoît Chloé Étienne François Gaëlle Hélène Jérôme Lucie Mathieu Noémie Pascal Rémi Zoé',
    'Bélanger Bernard Côté Dubois Durand Garçon Lefèvre Martin Moreau Morel Pérez-Lacroix Renault Rousseau Thévenet',
  ),
  culture(
    'Alejandro Beatriz Carmen Diego Elena Íñigo José Lucía María Nuria Pablo Raúl Sofía Ximena',
    'Álvarez Castro Domínguez Fernández García Gómez Hernández Ibáñez López Martínez Muñoz Núñez Peña Rodríguez',
  ),
  culture(
    'Anders Astrid Bjørn Elin Freja Håkon Ingrid Jørgen Kåre Lærke Magnus Signe Søren Åsa',
    'Andersson Bergström Eriksson Hansen Håkansson Johansson Jónsdóttir Larsen Lindqvist Nilsson Pedersen Sørensen Ødegård Åkesson',
  ),
  culture(
    'Agnieszka Bartłomiej Čeněk Ewa Grzegorz Jiří Kateřina Łukasz Małgorzata Paweł Šárka Tomáš Zofia Żaneta',
    'Dąbrowski Dvořák Jabłoński Kowalczyk Król Łuczak Novák Nowak Svoboda Šťastný Wiśniewska Wójcik Zając Żuk',
  ),
  culture(
    'Aditi Arjun Deepa Farhan Isha Kavya Lakshmi Manish Neha Priya Rahul Sanjay Tanvi Vikram',
    'Agarwal Banerjee Chatterjee Desai Gupta Iyer Joshi Kapoor Kulkarni Menon Nair Patel Reddy Sharma',
  ),
  culture(
    'Ayşe Burak Çağla Deniz Emre Gül Hakan İpek Kerem Mehmet Özlem Şebnem Tuğçe Ümit',
    'Aksoy Arslan Aydın Çelik Demir Doğan Güneş Kaya Koç Özdemir Öztürk Şahin Yıldız Yılmaz',
  ),
  culture(
    'An Bảo Chi Đức Giang Hạnh Hương Khánh Linh Minh Ngọc Phúc Thảo Tuấn',
    'Bùi Đặng Đỗ Hồ Hoàng Lê Lý Ngô Nguyễn Phạm Phan Trần Võ Vũ',
  ),
  culture(
    'Adaeze Babajide Chinwe Ebele Femi Ifeoma Kwame Lindiwe Nomvula Obinna Sipho Thandiwe Uchenna Zainab',
    'Abubakar Achebe Adeyemi Balogun Dlamini Eze Khumalo Mensah Mokoena Nkosi Okafor Okonkwo Owusu Zulu',
  ),
  culture(
    '伟/wei 芳/fang 敏/min 静/jing 磊/lei 洋/yang 艳/yan 杰/jie 涛/tao 超/chao',
    '王/wang 李/li 张/zhang 刘/liu 陈/chen 杨/yang 赵/zhao 黄/huang 周/zhou 吴/wu',
  ),
  culture(
    'Алексей/aleksei Борис/boris Дарья/darya Екатерина/ekaterina Игорь/igor Наталья/natalya Ольга/olga Сергей/sergei',
    'Васильев/vasilev Кузнецов/kuznetsov Морозов/morozov Новиков/novikov Петров/petrov Соколов/sokolov Фёдоров/fedorov',
  ),
];

export interface PersonName {
  readonly given: string;
  readonly family: string;
  readonly latinGiven: string;
  readonly latinFamily: string;
}

/** Two numbers of 32 random bits choose the name; both names mostly come from one culture. */
export function personName(first: number, second: number): PersonName {
  const home = first % CULTURES.length;
  const married = second % 8 === 0 ? (second >>> 3) % CULTURES.length : home;
  const given = pick(CULTURES[home]?.given, first >>> 8);
  const family = pick(CULTURES[married]?.family, second >>> 8);
  return {
    given: given.native,
    family: family.native,
    latinGiven: given.latin,
    latinFamily: family.latin,
  };
}

function pick(names: readonly Spelled[] = [], choice: number): Spelled {
  return names[choice % names.length] ?? { native: 'X', latin: 'x' };
}

function culture(given: string, family: string): Culture {
  return { given: given.split(' ').map(spelled), family: family.split(' ').map(spelled) };
}

function spelled(text: string): Spelled {
  const [native = '', latin] = text.split('/');
  return { native, latin: latin ?? asciiLetters(native) };
}

function asciiLetters(name: string): string {
  const bare = name.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const replaced = bare.replace(/[ßøæłđı]/gu, (letter) => UNDECOMPOSED[letter] ?? '');
  return replaced.replace(/[^a-z]/gu, '');
}
