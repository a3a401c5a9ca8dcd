-- 53 bits of the entry that a version was read from, and of how it was read: somebody whose entry has the same ones says
-- nothing new, so that what is stored about them need not be read back. NULL: not known, then it is.
ALTER TABLE _version ADD COLUMN fingerprint INTEGER;
