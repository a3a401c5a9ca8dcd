-- Manager values of those who were found without a manager in a run, of which the server has said that they name nobody: asked
-- once, whatever interrupts the run.
CREATE TABLE _dead_end (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
