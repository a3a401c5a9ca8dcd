-- A run that takes over what the published one has read, and reads only what failed in it (_run.inherits).

-- Whether this run saw the entry itself; 0: taken over from the published run.
ALTER TABLE _frontier ADD COLUMN seen INTEGER NOT NULL DEFAULT 1;

-- whole: the last published run that read everything. It saw whoever has no seen_run of their own in _place.
ALTER TABLE _published ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
UPDATE _published SET whole = run;

DROP VIEW employees;
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

-- Of an unfinished run, who has been seen so far.
DROP VIEW runs;
CREATE VIEW runs AS
SELECT id, status, question, started_at, finished_at, published_at,
  CASE WHEN status IN ('running', 'interrupted')
    THEN (SELECT count(*) FROM _frontier AS f WHERE f.run = r.id) ELSE employees END AS employees,
  searches, entries, pages, retries, failed_branches, joined, "left", detached, returned, moved, changed
FROM _run AS r;

DROP VIEW crawl_employees;
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
