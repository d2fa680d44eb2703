-- $1: a JSON list of people. As of a line of an import, but without a password: no hash is equal to nothing.
INSERT INTO users (
    id, createat, updateat, deleteat, username, password, authdata, authservice, email, emailverified,
    nickname, firstname, lastname, position, roles, allowmarketing, props, notifyprops, lastpasswordupdate,
    lastpictureupdate, failedattempts, locale, timezone, mfaactive, mfasecret, remoteid
)
SELECT
    id, createat, updateat, deleteat, username, '', authdata, authservice, email, TRUE,
    nickname, firstname, lastname, position, roles, FALSE, '{}', notifyprops, createat,
    0, 0, locale, timezone, FALSE, '', NULL
FROM json_to_recordset($1::json) AS row(
    id text, createat bigint, updateat bigint, deleteat bigint, username text, authdata text, authservice text, email text,
    nickname text, firstname text, lastname text, "position" text, roles text, notifyprops jsonb, locale text, timezone jsonb
)
