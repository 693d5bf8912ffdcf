-- The views of the contract. Names, types and order of columns are held by a test.

CREATE VIEW api.components AS
  SELECT component, role, state, boot_id, node, profile, capacity_bytes, used_bytes, load, reported_at
    FROM os_res.component;
COMMENT ON VIEW api.components IS 'The components of the rack.';

CREATE VIEW api.processes AS
  SELECT process, name, program, program_digest, args, tenant, owner, component, state, exit_code,
         ack, safety, started_at, ended_at,
         wall_ms, cpu_ms, pages_touched, cache_pages, hits, misses, zero_fills, prefetch_used,
         prefetch_wasted, write_backs, bytes_in, bytes_out, miss_us_p50, miss_us_p90, miss_us_p99,
         miss_us_max, stall_ms_max, regions, mcomponents
    FROM os_sched.process;
COMMENT ON VIEW api.processes IS 'Processes that run and that ran; statistics once they have ended.';

CREATE VIEW api.threads AS
  SELECT t.process, t.thread, t.component,
         CASE WHEN p.state <> 'running' THEN 'ended' ELSE t.state END AS state
    FROM os_sched.thread t
    LEFT JOIN os_sched.process p USING (process);
COMMENT ON VIEW api.threads IS 'Threads of processes; those of an ended process have ended with it.';
COMMENT ON COLUMN api.threads.process IS 'Its process.';
COMMENT ON COLUMN api.threads.state   IS 'running or ended.';

CREATE VIEW api.regions AS
  SELECT region, process, index, home, secondaries, epoch, term, mode, pages, copies, copies_wanted,
         protection, moving
    FROM os_mem.region;
COMMENT ON VIEW api.regions IS 'Regions and where they lie.';

CREATE VIEW api.events AS
  SELECT e.event, e.at, e.component, e.boot_id, e.seq, e.kind, e.process, e.region,
         c.event AS cause, e.message, e.details
    FROM os_mon.event e
    LEFT JOIN os_mon.event c
      ON c.component = e.component AND c.boot_id = e.boot_id AND c.seq = e.cause_seq;
COMMENT ON VIEW api.events IS 'What happened, with the event that led to it.';
COMMENT ON COLUMN api.events.cause IS 'Number of the event that led to it.';

CREATE VIEW api.files AS
  SELECT p.tenant, p.path, i.bytes, i.mode, i.version,
         coalesce(parts.replicas, 0)::integer AS replicas,
         coalesce(parts.healthy, true) AS healthy
    FROM os_fs.path p
    JOIN os_fs.inode i USING (inode)
    LEFT JOIN LATERAL (
      SELECT min(copies) AS replicas, bool_and(readable) AS healthy
        FROM (SELECT count(*) AS copies, bool_or(e.healthy) AS readable
                FROM os_fs.extent e
               WHERE e.inode = i.inode
               GROUP BY e.index) part
    ) parts ON true
   WHERE i.kind = 'file';
COMMENT ON VIEW api.files IS 'Files and how well they are kept.';
COMMENT ON COLUMN api.files.replicas IS 'Copies of the part that has the fewest; 0 when nothing is stored.';
COMMENT ON COLUMN api.files.healthy  IS 'Whether every part has a readable copy.';

CREATE VIEW api.extents AS
  SELECT p.tenant, p.path, e.index, e.scomponent AS component, e.extent, e.bytes, e.healthy
    FROM os_fs.path p
    JOIN os_fs.extent e USING (inode);
COMMENT ON VIEW api.extents IS 'The parts of files and where their copies are.';
COMMENT ON COLUMN api.extents.component IS 'sComponent that holds this copy.';

CREATE VIEW api.mirror_lag AS
  SELECT DISTINCT ON (p.source)
         p.source, p.last_seq,
         greatest(0, (extract(epoch FROM p.applied_at - p.at) * 1000)::bigint) AS behind_ms,
         coalesce((SELECT sum(g.to_seq - g.from_seq + 1)
                     FROM os_mon.gap g
                    WHERE g.source = p.source AND g.boot_id = p.boot_id), 0)::bigint AS dropped
    FROM os_mon.mirror_position p
   ORDER BY p.source, p.at DESC;
COMMENT ON VIEW api.mirror_lag IS 'How far behind the tables are, by publisher, for its newest start.';
COMMENT ON COLUMN api.mirror_lag.source    IS 'Component that publishes.';
COMMENT ON COLUMN api.mirror_lag.behind_ms IS 'Time from the publication of the newest change to its row.';
COMMENT ON COLUMN api.mirror_lag.dropped   IS 'Changes that never came.';

CREATE VIEW api.gaps AS
  SELECT source, boot_id, from_seq, to_seq FROM os_mon.gap;
COMMENT ON VIEW api.gaps IS 'Changes that a component reported and that never came.';

CREATE VIEW api.dead_letters AS
  SELECT topic, partition, record_offset, reason FROM os_mon.dead_letter;
COMMENT ON VIEW api.dead_letters IS 'Messages that could not be read or written as rows.';

-- A column of a view means what the column of its table means.
DO $$
DECLARE
  col record;
BEGIN
  FOR col IN
    SELECT DISTINCT ON (v.oid, a.attnum) v.relname, a.attname, col_description(t.oid, b.attnum) AS comment
      FROM pg_class v
      JOIN pg_namespace n ON n.oid = v.relnamespace AND n.nspname = 'api'
      JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
      JOIN information_schema.view_column_usage u
        ON u.view_schema = 'api' AND u.view_name = v.relname AND u.column_name = a.attname
      JOIN pg_class t ON t.oid = format('%I.%I', u.table_schema, u.table_name)::regclass
      JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = a.attname
     WHERE v.relkind = 'v' AND col_description(v.oid, a.attnum) IS NULL
     ORDER BY v.oid, a.attnum, (t.relname = 'path') DESC, t.relname
  LOOP
    EXECUTE format('COMMENT ON COLUMN api.%I.%I IS %L', col.relname, col.attname, col.comment);
  END LOOP;
END $$;

GRANT SELECT ON ALL TABLES IN SCHEMA api TO rack_manager, rack_reader;
