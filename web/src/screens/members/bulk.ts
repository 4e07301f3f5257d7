import type { AdjustmentList } from '../../lib/model';
import { Problem } from '../../lib/problem';

/** What kept many changes from being applied is a result that is shown like a dry run's; any other failure is one. */
export function notApplied(err: unknown): AdjustmentList {
  if (err instanceof Problem && err.code === 'not_applied' && Array.isArray(err.extras['errors'])) return err.extras as unknown as AdjustmentList;
  throw err;
}
