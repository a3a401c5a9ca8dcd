import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { promptSecret } from '../../src/config/prompt.ts';
import { UsageError } from '../../src/domain/errors.ts';

describe('the password prompt', () => {
  test.each([
    ['typed letter by letter', ['h', 'i', '\r'], 'hi'],
    ['pasted with its newline', ['hunter2\n'], 'hunter2'],
    ['corrected', ['hx', '\x7f', 'y\b', 'i', '\r'], 'hi'],
    ['begun anew', ['wrong\x15', 'right\r'], 'right'],
    ['with an arrow key in between', ['a\x1b[D', 'b\x1bOP\x1b[3~', '\r'], 'ab'],
    ['with a letter outside the BMP taken back', ['a🔑', '\x7f', '\r'], 'a'],
    ['with stray control characters', ['a\x01\tb\r'], 'ab'],
    ['empty', ['\r'], ''],
  ])('reads a password %s', async (_, chunks, password) => {
    const terminal = new FakeTerminal();
    const answer = promptSecret('Password: ', terminal.ports);
    terminal.type(...chunks);
    expect(await answer).toBe(password);
  });

  test('asks on the output given and never shows what is typed', async () => {
    const terminal = new FakeTerminal();
    const answer = promptSecret('Password: ', terminal.ports);
    terminal.type('hunter2\r');
    await answer;
    expect(terminal.written).toBe('Password: \n');
  });

  test('turns the echo off while it asks, and leaves the terminal as it was', async () => {
    const terminal = new FakeTerminal();
    const answer = promptSecret('?', terminal.ports);
    expect(terminal.state()).toEqual({ raw: true, paused: false, listeners: 2 });
    terminal.type('x\r');
    await answer;
    expect(terminal.state()).toEqual({ raw: false, paused: true, listeners: 0 });
  });

  test('Ctrl-C interrupts once the terminal is itself again', async () => {
    const terminal = new FakeTerminal();
    const answer = promptSecret('?', terminal.ports);
    terminal.type('abc\x03');
    await expect(answer).rejects.toBeInstanceOf(UsageError);
    expect(terminal.rawAtInterrupt).toEqual([false]);
  });

  test.each([
    ['Ctrl-D', (terminal: FakeTerminal) => terminal.type('ab\x04')],
    ['a closed terminal', (terminal: FakeTerminal) => terminal.end()],
  ])('%s leaves without a password and without an interrupt', async (_, leave) => {
    const terminal = new FakeTerminal();
    const answer = promptSecret('?', terminal.ports);
    leave(terminal);
    await expect(answer).rejects.toThrow('No password was given');
    expect(terminal.rawAtInterrupt).toEqual([]);
    expect(terminal.state().raw).toBe(false);
  });
});

class FakeTerminal {
  written = '';
  readonly rawAtInterrupt: boolean[] = [];
  readonly #input = new EventEmitter();
  #raw = false;
  #paused = true;

  get ports() {
    const input = Object.assign(this.#input, {
      setRawMode: (raw: boolean) => {
        this.#raw = raw;
      },
      setEncoding: () => undefined,
      resume: () => {
        this.#paused = false;
      },
      pause: () => {
        this.#paused = true;
      },
    });
    const write = (text: string) => {
      this.written += text;
    };
    return { input, output: { write }, interrupt: () => void this.rawAtInterrupt.push(this.#raw) };
  }

  type(...chunks: readonly string[]): void {
    for (const chunk of chunks) this.#input.emit('data', chunk);
  }

  end(): void {
    this.#input.emit('end');
  }

  state() {
    const listeners = this.#input.listenerCount('data') + this.#input.listenerCount('end');
    return { raw: this.#raw, paused: this.#paused, listeners };
  }
}
