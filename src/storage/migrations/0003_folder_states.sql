-- What the owner of a store says its folders mean, beside the notes on them. A column more with a default: the release
-- before names the columns that it reads and writes, so it goes on without this one.

alter table stores add column folder_states jsonb not null default '{}';
comment on column stores.folder_states is 'open, closed or canceled by folder id; what is not named is guessed by its name.';
