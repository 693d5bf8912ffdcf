-- State of the rack as tables. Authority or mirror is said at each table: a mirror row repeats what
-- a component published and can be rebuilt; an authoritative one is the only place of its truth.
-- The database and the roles rack_tables (owner of all this), rack_manager and rack_reader exist.

CREATE SCHEMA api;
COMMENT ON SCHEMA api IS 'Stable views for everyone; columns are only ever added.';
CREATE SCHEMA os_res;
COMMENT ON SCHEMA os_res IS 'Resources: the components of the rack.';
CREATE SCHEMA os_sched;
COMMENT ON SCHEMA os_sched IS 'Scheduling: processes and threads.';
CREATE SCHEMA os_mem;
COMMENT ON SCHEMA os_mem IS 'Memory: regions of processes and where they lie.';
CREATE SCHEMA os_mon;
COMMENT ON SCHEMA os_mon IS 'Monitoring: events, and how far the mirror has come.';
CREATE SCHEMA os_policy;
COMMENT ON SCHEMA os_policy IS 'Policies: how the global manager decides.';

-- Resources ---------------------------------------------------------------------------------------

CREATE TABLE os_res.component (
  component      text             PRIMARY KEY,
  role           text             NOT NULL,
  state          text             NOT NULL,
  boot_id        text             NOT NULL,
  node           text             NOT NULL,
  profile        text             NOT NULL,
  capacity_bytes bigint           NOT NULL,
  used_bytes     bigint           NOT NULL,
  load           double precision NOT NULL,
  reported_at    timestamptz      NOT NULL,
  source         text             NOT NULL,
  source_boot_id text             NOT NULL,
  source_seq     bigint           NOT NULL,
  changed_at     timestamptz      NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_res.component                IS 'Mirror: one row per component that ever registered.';
COMMENT ON COLUMN os_res.component.component      IS 'Its name, such as mcomponent-0.';
COMMENT ON COLUMN os_res.component.role           IS 'What it is, such as mcomponent.';
COMMENT ON COLUMN os_res.component.state          IS 'starting, up, suspect, draining, down or left.';
COMMENT ON COLUMN os_res.component.boot_id        IS 'Its present start, 16 hex digits; a restarted component has a new one.';
COMMENT ON COLUMN os_res.component.node           IS 'Machine or Kubernetes node.';
COMMENT ON COLUMN os_res.component.profile        IS 'Hardware profile that it emulates; empty for this machine as it is.';
COMMENT ON COLUMN os_res.component.capacity_bytes IS 'Frames of a pComponent, page store of an mComponent, disk of an sComponent.';
COMMENT ON COLUMN os_res.component.used_bytes     IS 'Frames in use, bytes reserved by regions, or bytes held by extents.';
COMMENT ON COLUMN os_res.component.load           IS 'Running programs on a pComponent, else requests a second.';
COMMENT ON COLUMN os_res.component.reported_at    IS 'When the component itself last reported, by the manager''s clock.';
COMMENT ON COLUMN os_res.component.source         IS 'Component that published this row.';
COMMENT ON COLUMN os_res.component.source_boot_id IS 'Its start.';
COMMENT ON COLUMN os_res.component.source_seq     IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_res.component.changed_at     IS 'When it was published, by the publisher''s clock.';

-- Scheduling --------------------------------------------------------------------------------------

CREATE SEQUENCE os_sched.process_id;
COMMENT ON SEQUENCE os_sched.process_id IS 'Authority: numbers of processes; never used again.';

CREATE TABLE os_sched.process (
  process         bigint      PRIMARY KEY,
  name            text        NOT NULL,
  program         text        NOT NULL,
  program_digest  text        NOT NULL,
  args            text[]      NOT NULL,
  tenant          text        NOT NULL,
  owner           text        NOT NULL,
  component       text        NOT NULL,
  state           text        NOT NULL,
  exit_code       integer,
  ack             text        NOT NULL,
  safety          text        NOT NULL,
  started_at      timestamptz NOT NULL,
  ended_at        timestamptz,
  wall_ms         bigint,
  cpu_ms          bigint,
  pages_touched   bigint,
  cache_pages     bigint,
  hits            bigint,
  misses          bigint,
  zero_fills      bigint,
  prefetch_used   bigint,
  prefetch_wasted bigint,
  write_backs     bigint,
  bytes_in        bigint,
  bytes_out       bigint,
  miss_us_p50     double precision,
  miss_us_p90     double precision,
  miss_us_p99     double precision,
  miss_us_max     double precision,
  stall_ms_max    double precision,
  regions         bigint,
  mcomponents     bigint,
  stats           jsonb       NOT NULL,
  source          text        NOT NULL,
  source_boot_id  text        NOT NULL,
  source_seq      bigint      NOT NULL,
  changed_at      timestamptz NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_sched.process                 IS 'Mirror: one row per process, kept after its end.';
COMMENT ON COLUMN os_sched.process.process         IS 'Its number, never used again.';
COMMENT ON COLUMN os_sched.process.name            IS 'Name in listings.';
COMMENT ON COLUMN os_sched.process.program         IS 'The program''s own name: its first argument or its path.';
COMMENT ON COLUMN os_sched.process.program_digest  IS 'SHA-256 of the module, 64 hex digits.';
COMMENT ON COLUMN os_sched.process.args            IS 'Its arguments, its own name first.';
COMMENT ON COLUMN os_sched.process.tenant          IS 'Whose it is: files, quotas and visibility go by tenant.';
COMMENT ON COLUMN os_sched.process.owner           IS 'User who started it.';
COMMENT ON COLUMN os_sched.process.component       IS 'pComponent that runs or ran it.';
COMMENT ON COLUMN os_sched.process.state           IS 'running, exited, failed, lost or stopped.';
COMMENT ON COLUMN os_sched.process.exit_code       IS 'Its exit code; none while it runs or when it is not known.';
COMMENT ON COLUMN os_sched.process.ack             IS 'When its write-backs count as done: none, lego, safe or logged.';
COMMENT ON COLUMN os_sched.process.safety          IS 'Name of its safety configuration.';
COMMENT ON COLUMN os_sched.process.started_at      IS 'When it was started.';
COMMENT ON COLUMN os_sched.process.ended_at        IS 'When it ended; none while it runs.';
COMMENT ON COLUMN os_sched.process.wall_ms         IS 'Time from start to end.';
COMMENT ON COLUMN os_sched.process.cpu_ms          IS 'Processor time of its threads.';
COMMENT ON COLUMN os_sched.process.pages_touched   IS 'Pages of its address space that it ever used.';
COMMENT ON COLUMN os_sched.process.cache_pages     IS 'Pages that it could keep in the ExCache.';
COMMENT ON COLUMN os_sched.process.hits            IS 'Accesses that its cache served, sampled or derived.';
COMMENT ON COLUMN os_sched.process.misses          IS 'Pages fetched because an access waited for them.';
COMMENT ON COLUMN os_sched.process.zero_fills      IS 'First touches, filled with zeros without the network.';
COMMENT ON COLUMN os_sched.process.prefetch_used   IS 'Pages fetched ahead and then used.';
COMMENT ON COLUMN os_sched.process.prefetch_wasted IS 'Pages fetched ahead and evicted unused.';
COMMENT ON COLUMN os_sched.process.write_backs     IS 'Dirty pages written to their home.';
COMMENT ON COLUMN os_sched.process.bytes_in        IS 'Bytes that it received from mComponents.';
COMMENT ON COLUMN os_sched.process.bytes_out       IS 'Bytes that it sent to mComponents.';
COMMENT ON COLUMN os_sched.process.miss_us_p50     IS 'Time of a miss, median.';
COMMENT ON COLUMN os_sched.process.miss_us_p90     IS 'Time of a miss, 90th percentile.';
COMMENT ON COLUMN os_sched.process.miss_us_p99     IS 'Time of a miss, 99th percentile.';
COMMENT ON COLUMN os_sched.process.miss_us_max     IS 'Time of a miss, longest.';
COMMENT ON COLUMN os_sched.process.stall_ms_max    IS 'Longest time that it stood still for memory.';
COMMENT ON COLUMN os_sched.process.regions         IS 'Regions that it had.';
COMMENT ON COLUMN os_sched.process.mcomponents     IS 'mComponents that its regions lay on.';
COMMENT ON COLUMN os_sched.process.stats           IS 'All statistics as it reported them.';
COMMENT ON COLUMN os_sched.process.source          IS 'Component that published this row.';
COMMENT ON COLUMN os_sched.process.source_boot_id  IS 'Its start.';
COMMENT ON COLUMN os_sched.process.source_seq      IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_sched.process.changed_at      IS 'When it was published, by the publisher''s clock.';
CREATE INDEX process_running ON os_sched.process (process) WHERE state = 'running';
COMMENT ON INDEX os_sched.process_running IS 'The few that run among the many that ran.';

CREATE TABLE os_sched.thread (
  process        bigint      NOT NULL,
  thread         integer     NOT NULL,
  component      text        NOT NULL,
  state          text        NOT NULL,
  source         text        NOT NULL,
  source_boot_id text        NOT NULL,
  source_seq     bigint      NOT NULL,
  changed_at     timestamptz NOT NULL,
  PRIMARY KEY (process, thread)
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_sched.thread                IS 'Mirror: one row per thread, kept after its end.';
COMMENT ON COLUMN os_sched.thread.process        IS 'Its process.';
COMMENT ON COLUMN os_sched.thread.thread         IS 'Its number in the process; 0 is the first.';
COMMENT ON COLUMN os_sched.thread.component      IS 'pComponent that runs or ran it.';
COMMENT ON COLUMN os_sched.thread.state          IS 'running or ended, as last published.';
COMMENT ON COLUMN os_sched.thread.source         IS 'Component that published this row.';
COMMENT ON COLUMN os_sched.thread.source_boot_id IS 'Its start.';
COMMENT ON COLUMN os_sched.thread.source_seq     IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_sched.thread.changed_at     IS 'When it was published, by the publisher''s clock.';

-- Memory ------------------------------------------------------------------------------------------

CREATE SEQUENCE os_mem.region_id;
COMMENT ON SEQUENCE os_mem.region_id IS 'Authority: numbers of regions; never used again.';

CREATE TABLE os_mem.region (
  region         bigint      PRIMARY KEY,
  process        bigint      NOT NULL,
  index          integer     NOT NULL,
  home           text        NOT NULL,
  secondaries    text[]      NOT NULL,
  epoch          bigint      NOT NULL,
  term           bigint      NOT NULL,
  mode           text        NOT NULL,
  pages          integer     NOT NULL,
  copies         integer     NOT NULL,
  copies_wanted  integer     NOT NULL,
  protection     text        NOT NULL,
  moving         boolean     NOT NULL,
  source         text        NOT NULL,
  source_boot_id text        NOT NULL,
  source_seq     bigint      NOT NULL,
  changed_at     timestamptz NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_mem.region                IS 'Mirror: one row per region that is granted; gone when it is released.';
COMMENT ON COLUMN os_mem.region.region         IS 'Its number, never used again.';
COMMENT ON COLUMN os_mem.region.process        IS 'Process whose memory it is.';
COMMENT ON COLUMN os_mem.region.index          IS 'Which 16 MiB of the address space.';
COMMENT ON COLUMN os_mem.region.home           IS 'mComponent that serves it.';
COMMENT ON COLUMN os_mem.region.secondaries    IS 'mComponents that hold further copies.';
COMMENT ON COLUMN os_mem.region.epoch          IS 'Number of its configuration.';
COMMENT ON COLUMN os_mem.region.term           IS 'Term of the global manager that decided it.';
COMMENT ON COLUMN os_mem.region.mode           IS 'private or shared.';
COMMENT ON COLUMN os_mem.region.pages          IS 'Pages of 4 KiB that are reserved.';
COMMENT ON COLUMN os_mem.region.copies         IS 'Copies in sync.';
COMMENT ON COLUMN os_mem.region.copies_wanted  IS 'Copies that there should be.';
COMMENT ON COLUMN os_mem.region.protection     IS 'What may fail without loss: none, pod or node.';
COMMENT ON COLUMN os_mem.region.moving         IS 'Whether it is being migrated.';
COMMENT ON COLUMN os_mem.region.source         IS 'Component that published this row.';
COMMENT ON COLUMN os_mem.region.source_boot_id IS 'Its start.';
COMMENT ON COLUMN os_mem.region.source_seq     IS 'Sequence of the change in that start.';
COMMENT ON COLUMN os_mem.region.changed_at     IS 'When it was published, by the publisher''s clock.';

-- Monitoring --------------------------------------------------------------------------------------

CREATE TABLE os_mon.event (
  event     bigint      GENERATED ALWAYS AS IDENTITY,
  at        timestamptz NOT NULL,
  component text        NOT NULL,
  boot_id   text        NOT NULL,
  seq       bigint      NOT NULL,
  kind      text        NOT NULL,
  process   bigint,
  region    bigint,
  cause_seq bigint,
  message   text        NOT NULL,
  details   jsonb       NOT NULL,
  PRIMARY KEY (component, boot_id, seq, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE  os_mon.event           IS 'Mirror: what happened; only ever added to, oldest days dropped.';
COMMENT ON COLUMN os_mon.event.event     IS 'Its number, in the order in which the mirror saw it.';
COMMENT ON COLUMN os_mon.event.at        IS 'When it happened, by the publisher''s clock.';
COMMENT ON COLUMN os_mon.event.component IS 'Component that published it.';
COMMENT ON COLUMN os_mon.event.boot_id   IS 'Its start.';
COMMENT ON COLUMN os_mon.event.seq       IS 'Sequence in that start.';
COMMENT ON COLUMN os_mon.event.kind      IS 'What kind of thing happened, such as component_up.';
COMMENT ON COLUMN os_mon.event.process   IS 'Process that it is about, if any.';
COMMENT ON COLUMN os_mon.event.region    IS 'Region that it is about, if any.';
COMMENT ON COLUMN os_mon.event.cause_seq IS 'Sequence, in the same start, of the event that led to it.';
COMMENT ON COLUMN os_mon.event.message   IS 'One plain sentence.';
COMMENT ON COLUMN os_mon.event.details   IS 'More, by kind.';
COMMENT ON SEQUENCE os_mon.event_event_seq IS 'Numbers of events.';
CREATE INDEX event_number ON os_mon.event (event);
COMMENT ON INDEX os_mon.event_number IS 'Following new events.';
CREATE INDEX event_at ON os_mon.event USING brin (at);
COMMENT ON INDEX os_mon.event_at IS 'Events of a time.';
CREATE TABLE os_mon.event_default PARTITION OF os_mon.event DEFAULT;
COMMENT ON TABLE os_mon.event_default IS 'Events of days that have no partition: a wrong clock, or days long gone.';

CREATE TABLE os_mon.mirror_position (
  source        text        NOT NULL,
  boot_id       text        NOT NULL,
  last_seq      bigint      NOT NULL,
  at            timestamptz NOT NULL,
  applied_at    timestamptz NOT NULL,
  PRIMARY KEY (source, boot_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE  os_mon.mirror_position            IS 'How far the mirror has come with each start of each publisher; what is not beyond it is a repetition.';
COMMENT ON COLUMN os_mon.mirror_position.source     IS 'Component that publishes.';
COMMENT ON COLUMN os_mon.mirror_position.boot_id    IS 'Its start.';
COMMENT ON COLUMN os_mon.mirror_position.last_seq   IS 'Sequence of the newest change that is in the tables.';
COMMENT ON COLUMN os_mon.mirror_position.at         IS 'When that was published, by the publisher''s clock.';
COMMENT ON COLUMN os_mon.mirror_position.applied_at IS 'When it was written here.';

CREATE TABLE os_mon.consumer_offset (
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  topic_id    text    NOT NULL,
  next_offset bigint  NOT NULL,
  PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE  os_mon.consumer_offset             IS 'Where the mirror reads on; written together with the rows.';
COMMENT ON COLUMN os_mon.consumer_offset.topic       IS 'Kafka topic.';
COMMENT ON COLUMN os_mon.consumer_offset.partition   IS 'Its partition.';
COMMENT ON COLUMN os_mon.consumer_offset.topic_id    IS 'Kafka''s id of the topic: a topic made anew begins again.';
COMMENT ON COLUMN os_mon.consumer_offset.next_offset IS 'First offset that is not in the tables.';

CREATE TABLE os_mon.gap (
  source     text        NOT NULL,
  boot_id    text        NOT NULL,
  from_seq   bigint      NOT NULL,
  to_seq     bigint      NOT NULL CHECK (to_seq >= from_seq),
  noticed_at timestamptz NOT NULL,
  PRIMARY KEY (source, boot_id, from_seq)
);
COMMENT ON TABLE  os_mon.gap            IS 'Changes that a component reported and that never came.';
COMMENT ON COLUMN os_mon.gap.source     IS 'Component that reported them.';
COMMENT ON COLUMN os_mon.gap.boot_id    IS 'Its start.';
COMMENT ON COLUMN os_mon.gap.from_seq   IS 'First missing sequence.';
COMMENT ON COLUMN os_mon.gap.to_seq     IS 'Last missing sequence.';
COMMENT ON COLUMN os_mon.gap.noticed_at IS 'When the mirror came upon the hole.';

CREATE TABLE os_mon.dead_letter (
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  reason        text        NOT NULL,
  value         bytea       NOT NULL,
  value_bytes   bigint      NOT NULL,
  noticed_at    timestamptz NOT NULL,
  PRIMARY KEY (topic, partition, record_offset)
);
COMMENT ON TABLE  os_mon.dead_letter               IS 'Messages that could not be read or written as rows; the newest are kept.';
COMMENT ON COLUMN os_mon.dead_letter.topic         IS 'Kafka topic.';
COMMENT ON COLUMN os_mon.dead_letter.partition     IS 'Its partition.';
COMMENT ON COLUMN os_mon.dead_letter.record_offset IS 'Its offset.';
COMMENT ON COLUMN os_mon.dead_letter.reason        IS 'What is wrong with it, in one line.';
COMMENT ON COLUMN os_mon.dead_letter.value         IS 'Its first 4 KiB.';
COMMENT ON COLUMN os_mon.dead_letter.value_bytes   IS 'How long it was.';
COMMENT ON COLUMN os_mon.dead_letter.noticed_at    IS 'When the mirror met it.';

-- Rights ------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA api, os_res, os_sched, os_mem, os_mon, os_policy TO rack_manager;
GRANT SELECT ON ALL TABLES IN SCHEMA os_res, os_sched, os_mem, os_mon TO rack_manager;
GRANT USAGE ON SEQUENCE os_sched.process_id, os_mem.region_id TO rack_manager;
GRANT USAGE ON SCHEMA api TO rack_reader;
