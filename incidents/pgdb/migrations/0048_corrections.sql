-- +goose Up

-- How often people corrected what they had said is counted in the journal.
-- The first three questions are answered anew by whatever is counted.
create index journal_corrected on journal (chain) where kind = 'entry-corrected/1' or kind = 'answered/1' and detail ->> 'corrects' = 'true' and detail ->> 'question' not in ('1', '2', '3');
