package fleet

import _ "github.com/goccy/go-yaml/parser"
