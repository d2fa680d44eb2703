-- $1: id, $2: width, $3: height.
UPDATE fileinfo SET width = $2, height = $3 WHERE id = $1
