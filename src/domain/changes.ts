/** In which way somebody differs between two states, in the order in which it is told: the column `kind` of the view `changes`. */
export const CHANGE_KINDS = ['joined', 'left', 'detached', 'returned', 'moved', 'changed'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
