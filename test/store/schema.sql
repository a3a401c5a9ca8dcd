CREATE TABLE _answer (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('employee', 'other', 'dangling', 'unreadable')),
  id TEXT,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE _change (
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('joined', 'left', 'detached', 'returned', 'moved', 'changed')),
  before INTEGER, -- the version that was published; null where the person was not
  after INTEGER,  -- the version that is; null where the person is not any more
  PRIMARY KEY (run, pid, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE _dead_end (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE _doubt (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  pid INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key, pid)
) STRICT, WITHOUT ROWID;

CREATE TABLE _failure (
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('denied', 'limit', 'timeout', 'poison', 'unreadable', 'unknown_code')),
  result_code INTEGER,
  attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  PRIMARY KEY (run, pid)
) STRICT, WITHOUT ROWID;

CREATE TABLE _finding (
  run INTEGER NOT NULL,
  kind TEXT NOT NULL,
  pid INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  detail TEXT NOT NULL, id TEXT, derived INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, pid, kind, detail)
) STRICT, WITHOUT ROWID;

CREATE TABLE _frontier (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  state INTEGER NOT NULL,
  root INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, outages INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 1,
  UNIQUE (run, pid)
) STRICT;

CREATE TABLE _gone (
  run INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  PRIMARY KEY (run, pid)
) STRICT, WITHOUT ROWID;

CREATE TABLE _line (
  vid INTEGER NOT NULL,
  n INTEGER NOT NULL,
  manager INTEGER,
  value TEXT NOT NULL,
  PRIMARY KEY (vid, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE _migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
  ) STRICT;

CREATE TABLE _place (
  pid INTEGER NOT NULL,
  from_run INTEGER NOT NULL,
  to_run INTEGER,
  vid INTEGER NOT NULL,
  first_run INTEGER NOT NULL,
  seen_run INTEGER,
  manager INTEGER,
  depth INTEGER,
  direct_reports INTEGER NOT NULL,
  total_reports INTEGER NOT NULL,
  PRIMARY KEY (pid, from_run)
) STRICT, WITHOUT ROWID;

CREATE TABLE _problem (
  n INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  pid INTEGER NOT NULL,
  id TEXT,
  detail TEXT NOT NULL,
  from_run INTEGER NOT NULL,
  to_run INTEGER
) STRICT;

CREATE TABLE _published (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run INTEGER NOT NULL,
  preparing INTEGER NOT NULL
, whole INTEGER NOT NULL DEFAULT 0, oldest INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE _respelt (
  run INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  n INTEGER NOT NULL,
  manager INTEGER,
  value TEXT NOT NULL,
  PRIMARY KEY (run, vid, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE _run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  status TEXT NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'interrupted', 'published', 'partial', 'held', 'abandoned', 'failed')),
  question TEXT NOT NULL,
  started_at TEXT NOT NULL,
  committed_at TEXT NOT NULL, -- when its last page was committed: decides whether it may still be continued
  finished_at TEXT,
  published_at TEXT,
  employees INTEGER NOT NULL DEFAULT 0,
  searches INTEGER NOT NULL DEFAULT 0,
  entries INTEGER NOT NULL DEFAULT 0,
  pages INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,
  reconnects INTEGER NOT NULL DEFAULT 0,
  splits INTEGER NOT NULL DEFAULT 0,
  failed_branches INTEGER NOT NULL DEFAULT 0,
  joined INTEGER NOT NULL DEFAULT 0,
  "left" INTEGER NOT NULL DEFAULT 0,
  detached INTEGER NOT NULL DEFAULT 0,
  returned INTEGER NOT NULL DEFAULT 0,
  moved INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0
, inherits INTEGER, base INTEGER NOT NULL DEFAULT 0, dry INTEGER NOT NULL DEFAULT 0, held TEXT CHECK (held IN ('drop', 'root', 'question', 'dry'))) STRICT;

CREATE VIRTUAL TABLE _search USING fts5 (
  username, name, email, employee_number, title, department,
  content = '', prefix = '1', tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE '_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE '_search_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE '_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE '_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE _source (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  key TEXT NOT NULL,
  id_attribute TEXT NOT NULL,
  vendor TEXT NOT NULL,
  created_at TEXT NOT NULL
, profile TEXT NOT NULL DEFAULT '{}') STRICT;

CREATE TABLE _twin (
  run INTEGER NOT NULL,
  id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  answer TEXT CHECK (answer IN ('holds', 'without', 'gone', 'unknown')),
  PRIMARY KEY (run, id, pid)
) STRICT, WITHOUT ROWID;

CREATE TABLE _version (
  vid INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  from_run INTEGER NOT NULL,
  to_run INTEGER,
  id TEXT NOT NULL,
  link_hash INTEGER,  -- of the normalised link: finds a person by DN (or manager-value attribute) without a long index
  link TEXT,          -- what a manager value must hold to name this person, where that is not the DN
  dn TEXT NOT NULL,
  username TEXT,
  name TEXT,
  given_name TEXT,
  surname TEXT,
  email TEXT,
  title TEXT,
  department TEXT,
  employee_number TEXT,
  phone TEXT,
  location TEXT,
  active INTEGER NOT NULL,
  attributes TEXT NOT NULL
, by_dn INTEGER NOT NULL DEFAULT 0, fingerprint INTEGER) STRICT;

CREATE INDEX _change_pid ON _change (pid, run);

CREATE INDEX _place_manager ON _place (manager);

CREATE INDEX _problem_kind ON _problem (kind);

CREATE INDEX _problem_pid ON _problem (pid, kind, detail);

CREATE INDEX _version_by_dn ON _version (id) WHERE by_dn = 1;

CREATE INDEX _version_id ON _version (id);

CREATE INDEX _version_other_link ON _version (dn) WHERE link IS NOT NULL;

CREATE VIEW _told AS
SELECT vid, id, json_object('id', id, 'dn', dn, 'username', username, 'name', name, 'given_name', given_name,
  'surname', surname, 'email', email, 'title', title, 'department', department, 'employee_number', employee_number,
  'phone', phone, 'location', location, 'active', active, 'attributes', json(nullif(attributes, '{}'))) AS content
FROM _version;

CREATE VIEW changes AS
WITH told AS (
  SELECT c.run, c.pid, c.kind, e.id, b.id AS was_id, a.id AS is_id,
    CASE c.kind WHEN 'changed' THEN b.content ELSE json_set(iif(c.kind = 'moved', '{}', b.content),
      '$.manager_id', (
        SELECT m.id FROM _place AS p
        JOIN _place AS mp ON mp.pid = p.manager AND mp.from_run < c.run AND (mp.to_run IS NULL OR mp.to_run >= c.run)
        JOIN _version AS m ON m.vid = mp.vid
        WHERE p.pid = c.pid AND p.from_run < c.run AND (p.to_run IS NULL OR p.to_run >= c.run)
      ), '$.manager_ids', json((
        SELECT json_group_array(id) FROM (
          SELECT DISTINCT m.id FROM _line AS l
          JOIN _place AS mp ON mp.pid = l.manager AND mp.from_run < c.run AND (mp.to_run IS NULL OR mp.to_run >= c.run)
          JOIN _version AS m ON m.vid = mp.vid WHERE l.vid = c.before ORDER BY m.id
        )
      ))) END AS was,
    CASE c.kind WHEN 'changed' THEN a.content ELSE json_set(iif(c.kind = 'moved', '{}', a.content),
      '$.manager_id', (
        SELECT m.id FROM _place AS p
        JOIN _place AS mp ON mp.pid = p.manager AND mp.from_run <= c.run AND (mp.to_run IS NULL OR mp.to_run > c.run)
        JOIN _version AS m ON m.vid = mp.vid
        WHERE p.pid = c.pid AND p.from_run <= c.run AND (p.to_run IS NULL OR p.to_run > c.run)
      ), '$.manager_ids', json((
        SELECT json_group_array(id) FROM (
          SELECT DISTINCT m.id FROM _line AS l
          JOIN _place AS mp ON mp.pid = l.manager AND mp.from_run <= c.run AND (mp.to_run IS NULL OR mp.to_run > c.run)
          JOIN _version AS m ON m.vid = mp.vid WHERE l.vid = c.after ORDER BY m.id
        )
      ))) END AS is_now
  FROM _published AS now
  JOIN _change AS c ON c.run <= now.run
  JOIN _version AS e ON e.vid = coalesce(c.after, c.before) AND e.pid = c.pid
  LEFT JOIN _told AS b ON b.vid = c.before
  LEFT JOIN _told AS a ON a.vid = c.after
)
SELECT t.run AS run_id, r.started_at AS at, t.id AS employee_id, t.kind,
  CASE WHEN t.was_id IS NOT NULL THEN (
    SELECT json_group_object(w.key, iif(w.type IN ('object', 'array'), json(w.value), w.value))
    FROM json_each(t.was) AS w LEFT JOIN json_each(t.is_now) AS i ON i.key = w.key
    WHERE w.value IS NOT i.value AND (t.is_id IS NOT NULL OR w.value IS NOT NULL)
  ) END AS before,
  CASE WHEN t.is_id IS NOT NULL THEN (
    SELECT json_group_object(i.key, iif(i.type IN ('object', 'array'), json(i.value), i.value))
    FROM json_each(t.is_now) AS i LEFT JOIN json_each(t.was) AS w ON w.key = i.key
    WHERE i.value IS NOT w.value AND (t.was_id IS NOT NULL OR i.value IS NOT NULL)
  ) END AS after
FROM told AS t JOIN _run AS r ON r.id = t.run;

CREATE VIEW crawl_employees AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, (
    SELECT m.id FROM _line AS l
    JOIN _frontier AS mf ON mf.run = f.run AND mf.pid = l.manager JOIN _version AS m ON m.vid = mf.vid
    WHERE l.vid = v.vid AND l.manager <> f.pid ORDER BY l.n LIMIT 1
  ) AS manager_id, (SELECT l.value FROM _line AS l WHERE l.vid = v.vid ORDER BY l.n LIMIT 1) AS manager_dn,
  first.started_at AS first_seen_at, since.started_at AS changed_at, now.started_at AS confirmed_at, v.attributes
FROM (SELECT id, started_at FROM _run WHERE status IN ('running', 'interrupted') ORDER BY id DESC LIMIT 1) AS now
JOIN _frontier AS f ON f.run = now.id AND f.seen = 1
JOIN _version AS v ON v.vid = f.vid
LEFT JOIN _version AS one ON one.vid = f.pid
LEFT JOIN _run AS first ON first.id = one.from_run
LEFT JOIN _run AS since ON since.id = v.from_run;

CREATE VIEW employee_history AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, m.id AS manager_id, m.dn AS manager_dn, v.attributes,
  since.started_at AS valid_from, until.started_at AS valid_to
FROM _published AS now
JOIN _version AS v ON v.from_run <= now.run
-- The first place of the version: what is derived may have changed since, and is not told here.
JOIN _place AS p ON p.pid = v.pid AND p.vid = v.vid AND p.from_run <= now.run AND p.from_run = (
  SELECT min(o.from_run) FROM _place AS o WHERE o.pid = v.pid AND o.vid = v.vid
)
LEFT JOIN _version AS m ON m.pid = p.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = p.manager AND mp.from_run <= p.from_run AND (mp.to_run IS NULL OR mp.to_run > p.from_run)
)
JOIN _run AS since ON since.id = p.from_run
LEFT JOIN _run AS until ON until.id = v.to_run AND v.to_run <= now.run;

CREATE VIEW employees AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, m.id AS manager_id, m.dn AS manager_dn, p.depth, p.direct_reports, p.total_reports,
  first.started_at AS first_seen_at, since.started_at AS changed_at, seen.started_at AS confirmed_at, v.attributes
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid AND v.pid = p.pid
LEFT JOIN _version AS m ON m.pid = p.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = p.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
)
LEFT JOIN _run AS first ON first.id = p.first_run
LEFT JOIN _run AS since ON since.id = v.from_run
LEFT JOIN _run AS seen ON seen.id = coalesce(p.seen_run, now.whole);

CREATE VIEW failures AS
SELECT f.run AS run_id, v.id AS employee_id, v.dn, f.reason, f.result_code, f.attempts, f.last_error
FROM _failure AS f JOIN _version AS v ON v.vid = f.vid;

CREATE VIEW findings AS
SELECT f.kind, coalesce((
    SELECT v.id FROM _place AS p JOIN _version AS v ON v.vid = p.vid
    WHERE p.pid = f.pid AND p.from_run <= now.run ORDER BY p.from_run DESC LIMIT 1
  ), f.id) AS employee_id, f.detail, first.started_at AS first_seen_at, last.started_at AS last_seen_at
FROM _published AS now
JOIN _problem AS f ON f.from_run <= now.run AND (f.to_run IS NULL OR f.to_run > now.run)
JOIN _run AS first ON first.id = f.from_run
JOIN _run AS last ON last.id = now.run;

CREATE VIEW reporting_lines AS
SELECT v.id AS employee_id, m.id AS manager_id, l.value AS manager_dn,
  l.manager IS NOT NULL AND l.manager IS p.manager AND NOT EXISTS (
    SELECT 1 FROM _line AS o WHERE o.vid = l.vid AND o.manager = l.manager AND o.n < l.n
  ) AS is_primary
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid AND v.pid = p.pid
JOIN _line AS l ON l.vid = p.vid
LEFT JOIN _version AS m ON m.pid = l.manager AND m.vid = (
  SELECT mp.vid FROM _place AS mp
  WHERE mp.pid = l.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
);

CREATE VIEW runs AS
SELECT id, status, question, started_at, finished_at, published_at,
  CASE WHEN status IN ('running', 'interrupted')
    THEN (SELECT count(*) FROM _frontier AS f WHERE f.run = r.id) ELSE employees END AS employees,
  searches, entries, pages, retries, failed_branches, joined, "left", detached, returned, moved, changed
FROM _run AS r;
