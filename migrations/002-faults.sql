-- What a run remembers of outages and retries, and what is wrong in the directory's own data.

-- The published run whose completed branches this one took over, reading only what had failed; null: it reads everything.
ALTER TABLE _run ADD COLUMN inherits INTEGER;

-- _frontier.state has one value more: 3, failed and stopped the run (--on-failure abort); it waits again when that is continued.

-- How many outages began while the branch was asked about: it may be what brings the server down.
ALTER TABLE _frontier ADD COLUMN outages INTEGER NOT NULL DEFAULT 0;

-- What a run found wrong in the data of a person. Stamped with the run: readers see those of the published one.
CREATE TABLE _finding (
  run INTEGER NOT NULL,
  kind TEXT NOT NULL,
  pid INTEGER NOT NULL,
  vid INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, pid, kind, detail)
) STRICT, WITHOUT ROWID;
-- Since when a finding has been there.
CREATE INDEX _finding_since ON _finding (pid, kind, detail, run);

CREATE VIEW findings AS
SELECT f.kind, v.id AS employee_id, f.detail, first.started_at AS first_seen_at, last.started_at AS last_seen_at
FROM _published AS now
JOIN _finding AS f ON f.run = now.run
JOIN _version AS v ON v.vid = f.vid
JOIN _run AS last ON last.id = f.run
JOIN _run AS first ON first.id = (
  SELECT min(o.run) FROM _finding AS o WHERE o.run <= now.run AND o.kind = f.kind AND o.pid = f.pid AND o.detail = f.detail
);

-- Who crawls is noted beside the lock, where it can be read before there is a database.
DROP TABLE _holder;
