import { describe, expect, it } from 'vitest';
import { Leads } from '../../src/store/settling/leads.ts';

const value = (key: string) => ({ key, value: key.toUpperCase() });
const A = value('a');
const B = value('b');
const C = value('c');

/** Person 1 names a, a names b, b names c. */
function threeInARow(): Leads {
  const leads = new Leads();
  leads.follow(A, 1);
  leads.followFrom('a', B);
  leads.followFrom('b', C);
  return leads;
}

describe('leads', () => {
  it('are asked about once each, however many name them, so many at a time', () => {
    const leads = threeInARow();
    leads.follow(A, 2);
    expect(leads.next(2)).toEqual([A, B]);
    expect(leads.next(2)).toEqual([C]);
    leads.follow(A, 3);
    expect(leads.next(2)).toEqual([]);
  });

  it('that reach the run are told, with those who name them', () => {
    const leads = threeInARow();
    leads.follow(A, 2);
    expect(leads.reaches('a')).toBe(false);
    expect(leads.reached('a')).toEqual([1, 2]);
    expect(leads.reaches('a')).toBe(true);
  });

  it('that reach the run need not be asked about', () => {
    const leads = threeInARow();
    leads.reached('a');
    expect(leads.next(9)).toEqual([B, C]);
  });

  it('that reach the run have the next below asked about again, one step at a time', () => {
    const leads = threeInARow();
    leads.next(9);
    expect(leads.reached('c')).toEqual([]);
    expect(leads.next(9)).toEqual([B]);
    expect(leads.reached('b')).toEqual([]);
    expect(leads.next(9)).toEqual([A]);
    expect(leads.reached('a')).toEqual([1]);
    expect(leads.next(9)).toEqual([]);
  });

  it('reach the run once', () => {
    const leads = threeInARow();
    leads.reached('a');
    expect(leads.reached('a')).toEqual([]);
    expect(leads.reached('unheard of')).toEqual([]);
  });

  it('that are lost name everyone who waits for them, over however many steps', () => {
    const leads = threeInARow();
    leads.follow(B, 2);
    leads.follow(value('elsewhere'), 3);
    expect(leads.lost('c')).toEqual([2, 1]);
    expect(leads.lost('a')).toEqual([1]);
  });

  it('that are known to name nobody are not asked about', () => {
    const leads = new Leads((key) => key === 'b');
    leads.follow(A, 1);
    leads.follow(B, 1);
    leads.followFrom('a', B);
    expect(leads.next(9)).toEqual([A]);
    expect(leads.reached('b')).toEqual([1]);
  });

  it('end, where they lead in a circle', () => {
    const leads = threeInARow();
    leads.followFrom('c', A);
    leads.followFrom('a', A);
    expect(leads.next(9)).toEqual([A, B, C]);
    expect(leads.next(9)).toEqual([]);
    expect(leads.lost('b')).toEqual([1]);
  });
});
