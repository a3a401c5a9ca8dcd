CREATE TABLE _answer (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('employee', 'other', 'dangling', 'unreadable')),
  id TEXT,
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
  detail TEXT NOT NULL, id TEXT,
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

CREATE TABLE _published (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run INTEGER NOT NULL,
  preparing INTEGER NOT NULL
, whole INTEGER NOT NULL DEFAULT 0) STRICT;

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
, inherits INTEGER) STRICT;

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
, by_dn INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX _finding_since ON _finding (pid, kind, detail, run);

CREATE INDEX _place_manager ON _place (manager);

CREATE INDEX _version_by_dn ON _version (id) WHERE by_dn = 1;

CREATE INDEX _version_id ON _version (id);

CREATE INDEX _version_other_link ON _version (dn) WHERE link IS NOT NULL;

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

CREATE VIEW employees AS
SELECT v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department, v.employee_number,
  v.phone, v.location, v.active, m.id AS manager_id, m.dn AS manager_dn, p.depth, p.direct_reports, p.total_reports,
  first.started_at AS first_seen_at, since.started_at AS changed_at, seen.started_at AS confirmed_at, v.attributes
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid
LEFT JOIN _place AS mp ON mp.pid = p.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
LEFT JOIN _version AS m ON m.vid = mp.vid
LEFT JOIN _run AS first ON first.id = p.first_run
LEFT JOIN _run AS since ON since.id = v.from_run
LEFT JOIN _run AS seen ON seen.id = coalesce(p.seen_run, now.whole);

CREATE VIEW failures AS
SELECT f.run AS run_id, v.id AS employee_id, v.dn, f.reason, f.result_code, f.attempts, f.last_error
FROM _failure AS f JOIN _version AS v ON v.vid = f.vid;

CREATE VIEW findings AS
SELECT f.kind, coalesce(v.id, f.id) AS employee_id, f.detail, first.started_at AS first_seen_at, last.started_at AS last_seen_at
FROM _published AS now
JOIN _finding AS f ON f.run = now.run
LEFT JOIN _version AS v ON v.vid = f.vid
JOIN _run AS last ON last.id = f.run
JOIN _run AS first ON first.id = (
  SELECT min(o.run) FROM _finding AS o WHERE o.run <= now.run AND o.kind = f.kind AND o.pid = f.pid AND o.detail = f.detail
);

CREATE VIEW reporting_lines AS
SELECT v.id AS employee_id, m.id AS manager_id, l.value AS manager_dn,
  l.manager IS NOT NULL AND l.manager IS p.manager AND NOT EXISTS (
    SELECT 1 FROM _line AS o WHERE o.vid = l.vid AND o.manager = l.manager AND o.n < l.n
  ) AS is_primary
FROM _published AS now
JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
JOIN _version AS v ON v.vid = p.vid
JOIN _line AS l ON l.vid = p.vid
LEFT JOIN _place AS mp ON mp.pid = l.manager AND mp.from_run <= now.run AND (mp.to_run IS NULL OR mp.to_run > now.run)
LEFT JOIN _version AS m ON m.vid = mp.vid;

CREATE VIEW runs AS
SELECT id, status, question, started_at, finished_at, published_at,
  CASE WHEN status IN ('running', 'interrupted')
    THEN (SELECT count(*) FROM _frontier AS f WHERE f.run = r.id) ELSE employees END AS employees,
  searches, entries, pages, retries, failed_branches, joined, "left", detached, returned, moved, changed
FROM _run AS r;
