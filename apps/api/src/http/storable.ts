/** Text that Postgres can look for. */
export const STORABLE = /^[^\0]*$/;
