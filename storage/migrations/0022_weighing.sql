-- What stations say of a weighing besides its masses, and of themselves: instruments, zones.

ALTER TABLE weighing ADD COLUMN instrument text;
ALTER TABLE weighing ADD COLUMN certificate text;
ALTER TABLE weighing ADD COLUMN certificate_until text;
ALTER TABLE weighing ADD COLUMN error_permille integer;
ALTER TABLE weighing ADD COLUMN speed_dkmh integer;
ALTER TABLE weighing ADD COLUMN plate_permille integer;
ALTER TABLE weighing ADD COLUMN image text;
COMMENT ON COLUMN weighing.instrument IS 'The instrument, as the station names it; null: not said.';
COMMENT ON COLUMN weighing.certificate IS 'Number of the instrument''s certificate of verification.';
COMMENT ON COLUMN weighing.certificate_until IS 'Last day on which the verification holds, included (YYYY-MM-DD).';
COMMENT ON COLUMN weighing.error_permille IS 'Error of the instrument''s class, permille of the mass.';
COMMENT ON COLUMN weighing.speed_dkmh IS 'Speed over the instrument, tenths of km/h.';
COMMENT ON COLUMN weighing.plate_permille IS 'How sure the reader is of the plate, 0 to 1000.';
COMMENT ON COLUMN weighing.image IS 'Where the picture lies; the picture is not kept here.';
