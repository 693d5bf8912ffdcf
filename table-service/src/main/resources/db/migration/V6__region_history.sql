-- The configurations of regions, for everyone.

CREATE VIEW api.region_history AS
  SELECT region, epoch, term, home, secondaries, reason, decision, valid, learner, state
    FROM os_mem.region_history;
COMMENT ON VIEW api.region_history IS 'Every configuration that a region ever had, with when and why.';
COMMENT ON COLUMN api.region_history.region      IS 'Its region.';
COMMENT ON COLUMN api.region_history.epoch       IS 'Number of the configuration.';
COMMENT ON COLUMN api.region_history.term        IS 'Term of the global manager that decided it.';
COMMENT ON COLUMN api.region_history.home        IS 'mComponent that served it.';
COMMENT ON COLUMN api.region_history.secondaries IS 'mComponents whose copies were in sync.';
COMMENT ON COLUMN api.region_history.reason      IS 'Why, in a few words.';
COMMENT ON COLUMN api.region_history.decision    IS 'Number of the policy decision that led to it, if one did.';
COMMENT ON COLUMN api.region_history.valid       IS 'From when to when it was so, by the database''s clock.';
COMMENT ON COLUMN api.region_history.learner     IS 'mComponent that was being given a copy, if any.';
COMMENT ON COLUMN api.region_history.state       IS 'active or lost.';

GRANT SELECT ON api.region_history TO rack_manager, rack_reader;
