// The organisation that a crawl must find, and how a database compares with it. Imports nothing of src/.
export { type Comparison, compareWithTruth, SAME } from './truth/compare.ts';
export {
  readTruth,
  type TrueEmployee,
  type TrueLine,
  type Truth,
  type TruthOptions,
  truthOfText,
} from './truth/derive.ts';
