import { UsageError } from '../domain/errors.ts';

/** The part of `process.stdin` that a prompt needs: a terminal, not a pipe. */
export interface TerminalInput {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  off(event: 'data' | 'end', listener: (chunk: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Terminal {
  readonly input: TerminalInput;
  /** stderr: stdout is for data. */
  readonly output: { write(text: string): unknown };
  /** Called after the terminal is itself again, when the person pressed Ctrl-C: sends SIGINT. */
  readonly interrupt: () => void;
}

/**
 * Asks at the terminal without showing what is typed. The terminal is restored and the input paused whatever happens.
 * @throws UsageError where the person leaves instead
 */
export async function promptSecret(question: string, terminal: Terminal): Promise<string> {
  const answer = await ask(question, terminal);
  if (typeof answer === 'string') return answer;
  // Raw mode kept the kernel from sending the signal that the person meant.
  if (answer.left === CTRL_C) terminal.interrupt();
  throw new UsageError('No password was given', 'run it again, or use --bind-password-file');
}

type Answer = string | { readonly left: string };

async function ask(question: string, { input, output }: Terminal): Promise<Answer> {
  output.write(question);
  input.setEncoding('utf8');
  input.setRawMode(true);
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function readLine(input: TerminalInput): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let typed: readonly string[] = [];
  const onEnd = () => resolve({ left: CTRL_D });
  const onData = (chunk: string) => {
    for (const key of chunk.replace(ESCAPE_SEQUENCE, '')) {
      if (key === ENTER || key === NEWLINE) resolve(typed.join(''));
      if (key === CTRL_C || key === CTRL_D) resolve({ left: key });
      typed = edited(typed, key);
    }
  };
  input.on('data', onData);
  input.on('end', onEnd);
  input.resume();
  return promise.finally(() => {
    input.off('data', onData);
    input.off('end', onEnd);
  });
}

function edited(typed: readonly string[], key: string): readonly string[] {
  if (key === BACKSPACE || key === DELETE) return typed.slice(0, -1);
  if (key === CTRL_U) return [];
  return key < ' ' ? typed : [...typed, key];
}

const [ENTER, NEWLINE, CTRL_C, CTRL_D, CTRL_U] = ['\r', '\n', '\x03', '\x04', '\x15'] as const;
const [BACKSPACE, DELETE] = ['\b', '\x7f'] as const;
// Arrow and function keys.
const ESCAPE_SEQUENCE = /\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])/g;
