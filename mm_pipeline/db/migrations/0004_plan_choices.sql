-- The choices (MM_MATCH, MM_GENERAL ...) that a plan was made by, so that other ones make another plan.
CREATE TABLE plan_choices (
    workspace text PRIMARY KEY,
    choices   text NOT NULL
);
