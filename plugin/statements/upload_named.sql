-- $1: id, $2: name, $3: extension, $4: kind.
UPDATE fileinfo SET name = $2, extension = $3, mimetype = $4 WHERE id = $1
