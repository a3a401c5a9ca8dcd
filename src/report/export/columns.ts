import { PROFILE_COLUMNS } from '../../domain/employee.ts';
import type { Person } from '../../store/reader.ts';

/** Those of the view `employees`, in its order. */
export const COLUMNS = [
  'id',
  'dn',
  ...PROFILE_COLUMNS,
  'active',
  'manager_id',
  'manager_dn',
  'depth',
  'direct_reports',
  'total_reports',
  'first_seen_at',
  'changed_at',
  'confirmed_at',
  'attributes',
] as const satisfies readonly (keyof Person)[];
