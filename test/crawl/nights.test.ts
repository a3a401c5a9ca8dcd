// Nobody leaves by silence: what a crawl makes of a directory that changes while it runs, over several nights.
import { describe, expect, it } from 'vitest';
import { checkNights } from './nights/check.ts';
