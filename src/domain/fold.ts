/** Letters that Unicode does not decompose into a base letter and a mark, as people type them who lack the key. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ...{ ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ŋ: 'n', ŧ: 't', ƶ: 'z', ɓ: 'b', ɗ: 'd' },
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ĳ: 'ij', ς: 'σ' },
};

const SPECIAL = new RegExp(`[${Object.keys(UNDECOMPOSED).join('')}]`, 'g');
/** Marks of Latin, Greek and Cyrillic letters. Those of other scripts are vowels: without them a word is another one. */
const MARKS = /[\u0300-\u036f]/g;
const ASCII = /^[\x00-\x7f]*$/;

/** Text as it is searched for: lower case, letters without their marks. Whatever is folded here is folded on both sides. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return (
    text
      .normalize('NFKD')
      .replace(MARKS, '')
      .toLowerCase()
      // İ and its like bring a mark of their own in lower case.
      .replace(MARKS, '')
      .replace(SPECIAL, (letter) => UNDECOMPOSED[letter] ?? letter)
      .normalize('NFC')
  );
}
