/**
 * Scoped names in SQL, as `scopedName` and `readScopedName` make and read them. Parameters are expressions of SQL.
 * Tables that are listed by project have an index on {@link projectIn} of their name.
 */
export function projectIn(column: string): string {
  return `case when position('/' in ${column}) = 0 then 'default' else split_part(${column}, '/', 1) end`;
}

/** The name within its project. */
export function nameIn(column: string): string {
  return `substr(${column}, position('/' in ${column}) + 1)`;
}

/** The scoped name of a project and a name. */
export function scopedIn(project: string, name: string): string {
  const isBare = `${project} = 'default' and position('/' in ${name}) = 0`;
  return `case when ${isBare} then ${name} else ${project} || '/' || ${name} end`;
}
