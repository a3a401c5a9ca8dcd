import { describe, expect, test } from 'vitest';
import { fold } from '../../src/domain/fold.ts';

describe('folded text', () => {
  test.each([
    ['Ada KING', 'ada king'],
    ['Wójcik Łukasz', 'wojcik lukasz'],
    ['Jørgen Sørensen', 'jorgen sorensen'],
    ['Đặng Thị Hương', 'dang thi huong'],
    ['Þórður', 'thordur'],
    ['Weiß STRAẞE', 'weiss strasse'],
    ['Æsop Œuvre', 'aesop oeuvre'],
    ['Yıldız İpek', 'yildiz ipek'],
    ['Фёдоров', 'федоров'],
    ['Παπαδόπουλος', 'παπαδοπουλοσ'],
    ['e\u0301 decomposed', 'e decomposed'],
    ['ﬁrst ① ＡＢＣ', 'first 1 abc'],
    ['김철수', '김철수'],
    ['ガンダム', 'ガンダム'],
    ['किताब', 'किताब'],
  ])('of %s is %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
    expect(fold(folded)).toBe(folded);
    expect(fold(text.toUpperCase())).toBe(fold(text));
  });
});
