import { describe, expect, it } from 'vitest';
import { decodeMessage, decodePaging } from '../../src/ldap/messages/message.ts';
import { done, pagingControl } from '../support/ldap-bytes.ts';

describe('the cookie of a page', () => {
  it('is a copy, so that it does not keep the bytes of the whole page in memory', () => {
    const bytes = done(1, 0, pagingControl('cookie'));
    const paging = decodePaging(decodeMessage(bytes));
    bytes.fill(0);
    expect(paging?.cookie.toString()).toBe('cookie');
  });
});
