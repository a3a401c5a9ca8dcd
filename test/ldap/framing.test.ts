import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/ldap/connection/connection-error.ts';
import { type Frame, MessageFramer } from '../../src/ldap/messages/framing.ts';
import { entry, tlvLong } from '../support/ldap-bytes.ts';

const MESSAGES = [
  entry(1, 'cn=a'),
  entry(1, 'cn=b', [['x', [Buffer.alloc(300, 1)]]]),
  entry(1, 'cn=c', [['x', [Buffer.alloc(70_000, 2)]]]),
  tlvLong(0x30, Buffer.from([2, 1, 1, 0x42, 0])),
];

function messagesIn(framer: MessageFramer, chunk: Buffer): Buffer[] {
  framer.push(chunk);
  const found: Buffer[] = [];
  for (let next = framer.next(); next !== undefined; next = framer.next()) {
    found.push(bytesOf(next));
  }
  return found;
}

function bytesOf({ buffer, start, end }: Frame): Buffer {
  return buffer.subarray(start, end);
}

function kindOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectionError) return error.kind;
    throw error;
  }
  return 'nothing thrown';
}

describe('message framing', () => {
  it.each([1, 2, 3, 7, 64, 1_000, 65_536, 1_000_000])(
    'cuts the same messages out of slices of %i bytes',
    (size) => {
      const stream = Buffer.concat(MESSAGES);
      const framer = new MessageFramer();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) {
        found.push(...messagesIn(framer, stream.subarray(at, at + size)));
      }
      expect(found).toEqual(MESSAGES);
      expect(framer.pendingBytes).toBe(0);
    },
  );

  it('counts the bytes of an unfinished message as pending, whatever the cut', () => {
    const bytes = MESSAGES[1] ?? Buffer.alloc(0);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const framer = new MessageFramer();
      expect(messagesIn(framer, bytes.subarray(0, cut))).toEqual([]);
      expect(framer.pendingBytes).toBe(cut);
    }
  });

  it('copies a large message once however small its slices are', () => {
    const big = entry(1, 'cn=big', [['photo', [Buffer.alloc(8 * 1024 * 1024, 3)]]]);
    const framer = new MessageFramer();
    for (let at = 0; at < big.length - 1; at += 1_460) {
      framer.push(big.subarray(at, Math.min(at + 1_460, big.length - 1)));
      expect(framer.next()).toBeUndefined();
    }
    const [message] = messagesIn(framer, big.subarray(big.length - 1));
    expect(message?.equals(big)).toBe(true);
    expect(message?.buffer.byteLength).toBe(big.length);
  });

  it('assembles large messages in one buffer, one after another, and says what was copied', () => {
    const framer = new MessageFramer();
    const buffers = [1, 2, 3].map((n) => {
      const large = entry(n, 'cn=large', [['photo', [Buffer.alloc(300_000 - n, n)]]]);
      const [head, middle, tail] = [
        large.subarray(0, 9),
        large.subarray(9, -9),
        large.subarray(-9),
      ];
      expect(framer.push(head)).toBe(false);
      expect(framer.next()).toBeUndefined();
      expect(framer.push(middle)).toBe(true);
      expect(framer.next()).toBeUndefined();
      expect(framer.push(Buffer.concat([tail, entry(9, 'cn=next')]))).toBe(false);
      const message = framer.next();
      expect(message && bytesOf(message).equals(large)).toBe(true);
      const next = framer.next();
      expect(next && bytesOf(next).equals(entry(9, 'cn=next'))).toBe(true);
      return message?.buffer.buffer;
    });
    expect(new Set(buffers).size).toBe(1);
  });

  it('refuses a message over its cap when it is announced, not when it has arrived', () => {
    const framer = new MessageFramer(1_000);
    expect(messagesIn(framer, entry(1, 'cn=a', [['x', ['y'.repeat(900)]]]))).toHaveLength(1);
    framer.push(Buffer.from([0x30, 0x84, 0x04, 0x00, 0x00, 0x00]));
    expect(kindOf(() => framer.next())).toBe('too-large');
  });

  it('lets a message of exactly the cap pass', () => {
    const bytes = entry(1, 'cn=a', [['x', ['y'.repeat(900)]]]);
    expect(messagesIn(new MessageFramer(bytes.length), bytes)).toEqual([bytes]);
    expect(kindOf(() => messagesIn(new MessageFramer(bytes.length - 1), bytes))).toBe('too-large');
  });

  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n'],
    ['SMTP', '220 mail.example.com ESMTP\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('knows %s for no LDAP by its first byte', (_, text) => {
    expect(kindOf(() => messagesIn(new MessageFramer(), Buffer.from(text)))).toBe('not-ldap');
  });

  it('takes an impossible length for no LDAP', () => {
    for (const second of [0x80, 0x85, 0xff]) {
      const bytes = Buffer.from([0x30, second, 0, 0, 0, 0, 0, 0]);
      expect(kindOf(() => messagesIn(new MessageFramer(), bytes))).toBe('not-ldap');
    }
  });

  it('takes other bytes after a message for a broken protocol', () => {
    const bytes = Buffer.concat([entry(1, 'cn=a'), Buffer.from('HTTP')]);
    expect(kindOf(() => messagesIn(new MessageFramer(), bytes))).toBe('protocol');
  });
});
