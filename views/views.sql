CREATE OR REPLACE VIEW persona_membership AS SELECT * FROM read_parquet('views/persona_membership.parquet');
CREATE OR REPLACE VIEW persona_attributes AS SELECT * FROM read_parquet('views/persona_attributes.parquet');
