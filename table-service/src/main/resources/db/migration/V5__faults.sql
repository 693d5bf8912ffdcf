-- What fails and what moves, as the global manager tells it.

CREATE SEQUENCE os_mem.migration_id;
COMMENT ON SEQUENCE os_mem.migration_id IS 'Authority: numbers of migrations; never used again.';
CREATE SEQUENCE os_mem.failover_id;
COMMENT ON SEQUENCE os_mem.failover_id IS 'Authority: numbers of failovers; never used again.';

CREATE TABLE os_mem.migration (
  migration        bigint           PRIMARY KEY,
  region           bigint           NOT NULL,
  source_component text             NOT NULL,
  target           text             NOT NULL,
  state            text             NOT NULL,
  reason           text             NOT NULL,
  bytes            bigint           NOT NULL,
  rounds           integer          NOT NULL,
  write_pause_ms   double precision,
  error            text,
  started_at       timestamptz      NOT NULL,
  ended_at         timestamptz,
  source           text             NOT NULL,
  source_boot_id   text             NOT NULL,
  source_seq       bigint           NOT NULL,
  changed_at       timestamptz      NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_mem.migration                  IS 'Mirror: one row per move of a region to another home, kept after its end.';
COMMENT ON COLUMN os_mem.migration.migration        IS 'Its number, never used again.';
COMMENT ON COLUMN os_mem.migration.region           IS 'Region that moves.';
COMMENT ON COLUMN os_mem.migration.source_component IS 'mComponent that was its home.';
COMMENT ON COLUMN os_mem.migration.target           IS 'mComponent that is to be its home.';
COMMENT ON COLUMN os_mem.migration.state            IS 'reserving, copying, handing_off, done, aborted or failed.';
COMMENT ON COLUMN os_mem.migration.reason           IS 'Why it was wanted: requested, drain or balance.';
COMMENT ON COLUMN os_mem.migration.bytes            IS 'Bytes of pages sent to the target.';
COMMENT ON COLUMN os_mem.migration.rounds           IS 'How often pages were sent again because they had changed.';
COMMENT ON COLUMN os_mem.migration.write_pause_ms   IS 'How long no write of the region was answered at the hand-off.';
COMMENT ON COLUMN os_mem.migration.error            IS 'Why it was aborted or failed, in one line.';
COMMENT ON COLUMN os_mem.migration.started_at       IS 'When it was accepted.';
COMMENT ON COLUMN os_mem.migration.ended_at         IS 'When it was done, aborted or failed; none while it goes on.';
COMMENT ON COLUMN os_mem.migration.source           IS 'Component that published this row.';
COMMENT ON COLUMN os_mem.migration.source_boot_id   IS 'Its start.';
COMMENT ON COLUMN os_mem.migration.source_seq       IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_mem.migration.changed_at       IS 'When it was published, by the publisher''s clock.';

CREATE TABLE os_mem.failover (
  failover       bigint           PRIMARY KEY,
  component      text             NOT NULL,
  boot_id        text             NOT NULL,
  regions        integer          NOT NULL,
  suspected_at   timestamptz      NOT NULL,
  sealed_at      timestamptz,
  committed_at   timestamptz,
  protected_at   timestamptz,
  stall_ms_max   double precision,
  source         text             NOT NULL,
  source_boot_id text             NOT NULL,
  source_seq     bigint           NOT NULL,
  changed_at     timestamptz      NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_mem.failover                IS 'Mirror: one row per start of a component that failed while it held memory.';
COMMENT ON COLUMN os_mem.failover.failover       IS 'Its number, never used again.';
COMMENT ON COLUMN os_mem.failover.component      IS 'Component that failed.';
COMMENT ON COLUMN os_mem.failover.boot_id        IS 'The start of it that failed.';
COMMENT ON COLUMN os_mem.failover.regions        IS 'Regions that lost their home or a copy with it.';
COMMENT ON COLUMN os_mem.failover.suspected_at   IS 'When something first spoke for it.';
COMMENT ON COLUMN os_mem.failover.sealed_at      IS 'When the last new home refused the old epoch.';
COMMENT ON COLUMN os_mem.failover.committed_at   IS 'When the new configurations were stored.';
COMMENT ON COLUMN os_mem.failover.protected_at   IS 'When every one of these regions had its copies again.';
COMMENT ON COLUMN os_mem.failover.stall_ms_max   IS 'Longest time that a program waited for memory over it.';
COMMENT ON COLUMN os_mem.failover.source         IS 'Component that published this row.';
COMMENT ON COLUMN os_mem.failover.source_boot_id IS 'Its start.';
COMMENT ON COLUMN os_mem.failover.source_seq     IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_mem.failover.changed_at     IS 'When it was published, by the publisher''s clock.';

CREATE VIEW api.migrations AS
  SELECT migration, region, source_component AS source, target, state, reason, bytes, rounds,
         write_pause_ms, error, started_at, ended_at
    FROM os_mem.migration;
COMMENT ON VIEW api.migrations IS 'Moves of regions from one home to another.';
COMMENT ON COLUMN api.migrations.source IS 'mComponent that was its home.';

CREATE VIEW api.failovers AS
  SELECT failover, component, boot_id, regions, suspected_at, sealed_at, committed_at, protected_at,
         stall_ms_max
    FROM os_mem.failover;
COMMENT ON VIEW api.failovers IS 'Components that failed, and when their regions were safe again.';

-- A column of a view means what the column of its table means.
DO $$
DECLARE
  col record;
BEGIN
  FOR col IN
    SELECT v.relname, a.attname, col_description(t.oid, b.attnum) AS comment
      FROM (VALUES ('migrations', 'os_mem.migration'::regclass), ('failovers', 'os_mem.failover'))
             AS pair(view_name, table_oid)
      JOIN pg_class v ON v.relname = pair.view_name AND v.relnamespace = 'api'::regnamespace
      JOIN pg_class t ON t.oid = pair.table_oid
      JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
      JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = a.attname
     WHERE col_description(v.oid, a.attnum) IS NULL
  LOOP
    EXECUTE format('COMMENT ON COLUMN api.%I.%I IS %L', col.relname, col.attname, col.comment);
  END LOOP;
END $$;

GRANT SELECT ON os_mem.migration, os_mem.failover TO rack_manager;
GRANT USAGE ON SEQUENCE os_mem.migration_id, os_mem.failover_id TO rack_manager;
GRANT SELECT ON api.migrations, api.failovers TO rack_manager, rack_reader;
