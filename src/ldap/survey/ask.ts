import type { SearchSpec } from '../connection/connection.ts';
import type { Answer } from '../wire.ts';

/** A search for people, with what differs from it. Answers whatever the code. */
export type Ask = (differs: Partial<SearchSpec>) => Promise<Answer>;
