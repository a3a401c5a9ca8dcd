import { CARD } from './layout.ts';
import type { Spot } from './motion.ts';

const RADIUS = 8;
/** How far right of a card the line goes that its reports hang on. */
const GUTTER = 50;
const MIDDLE = CARD.height / 2;

/** From a manager to the right, and along all reports. Each of them draws the rest of their line themselves. */
export function trunk({ x, y, firstY, lastY }: Spot): string {
  const [middle, line] = [y + MIDDLE, x + CARD.width + GUTTER];
  const top = firstY < y ? firstY + MIDDLE + RADIUS : middle;
  const bottom = lastY > y ? lastY + MIDDLE - RADIUS : middle;
  return `M${x + CARD.width},${middle}H${line}M${line},${Math.min(top, middle)}V${bottom}`;
}

/** The last piece of somebody's line to their manager, rounded where it leaves the trunk. */
export function twig(report: Spot, manager: Spot): string {
  const middle = report.y + MIDDLE;
  const line = manager.x + CARD.width + GUTTER;
  const towards = Math.sign(manager.y - report.y);
  if (towards === 0) return `M${line},${middle}H${report.x}`;
  return `M${line},${middle + towards * RADIUS}Q${line},${middle} ${line + RADIUS},${middle}H${report.x}`;
}

/** The whole line from a manager to a report. */
export function whole(report: Spot, manager: Spot): string {
  const [from, to] = [manager.y + MIDDLE, report.y + MIDDLE];
  const start = `M${manager.x + CARD.width},${from}`;
  const line = manager.x + CARD.width + GUTTER;
  const down = Math.sign(to - from);
  if (down === 0) return `${start}H${report.x}`;
  const turn = `H${line - RADIUS}Q${line},${from} ${line},${from + down * RADIUS}`;
  return `${start}${turn}V${to - down * RADIUS}Q${line},${to} ${line + RADIUS},${to}H${report.x}`;
}
