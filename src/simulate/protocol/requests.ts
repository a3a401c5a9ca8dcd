import { BerDecoder, MalformedMessage } from './ber-decoder.ts';
import { type Filter, readFilter } from './filter.ts';

export const PAGED_RESULTS = '1.2.840.113556.1.4.319';
export const START_TLS = '1.3.6.1.4.1.1466.20037';
export const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';

/** `children` is everything below, without the base itself, as OpenLDAP and ldapsearch have it. */
export type Scope = 'base' | 'one' | 'sub' | 'children';

export interface SearchRequest {
  readonly kind: 'search';
  readonly base: string;
  readonly scope: Scope;
  /** Entries; 0 for no limit. */
  readonly sizeLimit: number;
  /** Seconds; 0 for no limit. */
  readonly timeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** All of the above, for telling whether a later page asks the same. */
  readonly fingerprint: string;
}

export type Credentials =
  | { readonly method: 'simple'; readonly password: string }
  | { readonly method: 'sasl'; readonly mechanism: string };

export interface BindRequest {
  readonly kind: 'bind';
  readonly version: number;
  readonly name: string;
  readonly credentials: Credentials;
}

export type Request =
  | SearchRequest
  | BindRequest
  | { readonly kind: 'unbind' }
  | { readonly kind: 'abandon'; readonly target: number }
  | { readonly kind: 'extended'; readonly oid: string }
  | { readonly kind: 'write'; readonly answerTag: number };

export interface Control {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

export interface RequestMessage {
  readonly id: number;
  readonly request: Request;
  readonly controls: readonly Control[];
}

/** @throws MalformedMessage */
export function readMessage(bytes: Buffer): RequestMessage {
  const message = new BerDecoder(bytes).enter(0x30);
  const id = message.integer();
  if (id < 0 || id > 0x7fffffff) throw new MalformedMessage('message id out of range');
  const { tag, content } = message.next();
  const controls = message.peek() === 0xa0 ? readControls(message.enter(0xa0)) : [];
  return { id, request: readRequest(tag, content), controls };
}

/** Requests that would change the directory, and the answer that each has. */
const WRITES: ReadonlyMap<number, number> = new Map([
  [0x66, 0x67],
  [0x68, 0x69],
  [0x4a, 0x6b],
  [0x6c, 0x6d],
  [0x6e, 0x6f],
]);

function readRequest(tag: number, content: Buffer): Request {
  switch (tag) {
    case 0x60:
      return readBind(new BerDecoder(content));
    case 0x42:
      return { kind: 'unbind' };
    case 0x50:
      return { kind: 'abandon', target: new BerDecoder(asInteger(content)).integer() };
    case 0x63:
      return readSearch(content);
    case 0x77:
      return { kind: 'extended', oid: new BerDecoder(content).text(0x80) };
    default: {
      const answerTag = WRITES.get(tag);
      if (answerTag === undefined) throw new MalformedMessage(`unknown request ${tag}`);
      return { kind: 'write', answerTag };
    }
  }
}

/** An abandon request is an INTEGER under a tag of its own. */
function asInteger(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x02, content.length]), content]);
}

function readBind(from: BerDecoder): BindRequest {
  const version = from.integer();
  const name = from.text();
  if (from.peek() === 0x80) {
    return {
      kind: 'bind',
      version,
      name,
      credentials: { method: 'simple', password: from.text(0x80) },
    };
  }
  const mechanism = from.enter(0xa3).text();
  return { kind: 'bind', version, name, credentials: { method: 'sasl', mechanism } };
}

function readSearch(content: Buffer): SearchRequest {
  const from = new BerDecoder(content);
  const base = from.text();
  const scope = (['base', 'one', 'sub', 'children'] as const)[from.integer(0x0a)];
  if (scope === undefined) throw new MalformedMessage('unknown search scope');
  from.integer(0x0a); // Aliases: there are none to dereference.
  const sizeLimit = from.integer();
  const timeLimit = from.integer();
  const typesOnly = from.boolean();
  const filter = readFilter(from);
  const attributes: string[] = [];
  for (const list = from.enter(0x30); !list.done; ) attributes.push(list.text());
  const fingerprint = content.toString('latin1');
  return {
    kind: 'search',
    base,
    scope,
    sizeLimit,
    timeLimit,
    typesOnly,
    filter,
    attributes,
    fingerprint,
  };
}

function readControls(from: BerDecoder): readonly Control[] {
  const controls: Control[] = [];
  while (!from.done) {
    const control = from.enter(0x30);
    const oid = control.text();
    const critical = control.peek() === 0x01 && control.boolean();
    controls.push({ oid, critical, value: control.done ? undefined : control.octets() });
  }
  return controls;
}

export interface PagingRequest {
  /** Entries; 0 to give up a search in progress. */
  readonly size: number;
  /** Empty to begin. */
  readonly cookie: Buffer;
}

/** The value of a paged results control (RFC 2696 §2). @throws MalformedMessage */
export function readPaging(control: Control): PagingRequest {
  const value = new BerDecoder(control.value ?? Buffer.alloc(0)).enter(0x30);
  return { size: value.integer(), cookie: value.octets() };
}
