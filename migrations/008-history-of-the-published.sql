-- What a run has staged about somebody, and not published yet, is no history. A version that was seen while its person was not
-- published is valid from the run that published it.
DROP VIEW employee_history;

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
