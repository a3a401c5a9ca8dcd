import type { ObservedSearch } from '../options.ts';
import { assertionsOf, filterText } from '../protocol/filter.ts';
import type { PagingRequest, SearchRequest } from '../protocol/requests.ts';

/** A search as `onSearch` is shown it. */
export function observed(
  connection: number,
  request: SearchRequest,
  paging: PagingRequest | undefined,
): ObservedSearch {
  const { base, scope, filter, attributes, sizeLimit } = request;
  const byManager = assertionsOf(filter).filter(({ attribute }) => attribute === 'manager');
  return {
    connection,
    base,
    scope,
    filter: filterText(filter),
    attributes,
    managers: byManager.map(({ value }) => value),
    sizeLimit,
    pageSize: paging?.size,
    continues: paging !== undefined && paging.cookie.length > 0,
  };
}
