module wsx

go 1.26
