// A disk with room for so many more pages of the database: `?pages=n`. What SQLite says and does is as on a full disk.
import Database from 'better-sqlite3';

const pages = Number(new URL(import.meta.url).searchParams.get('pages'));
const { pragma } = Database.prototype;
const limited = new WeakSet<Database.Database>();

Database.prototype.pragma = function (source, options) {
  if (!limited.has(this) && !this.readonly && !this.name.endsWith('.lock')) limit(this);
  return pragma.call(this, source, options);
};

/** SQLite's limit counts for one connection only. */
function limit(database: Database.Database): void {
  limited.add(database);
  const held = Number(pragma.call(database, 'page_count', { simple: true }));
  pragma.call(database, `max_page_count = ${held + pages}`);
}
