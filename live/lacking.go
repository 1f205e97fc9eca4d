package live

import (
	"strings"

	"myca/dialect"
)

// Lacking are the statements, one for each, that give the login the rights for
// Reload, and with paths for SetFiles, that it does not have; nil when it has
// them, or when its roles may (Beyond).
func (h Held) Lacking(v dialect.Version, paths bool) []string {
	if _, super := h.Global["SUPER"]; super && v.Product == dialect.MySQL || h.Beyond {
		return nil
	}
	rights := ChangeRights(v)
	if !paths {
		rights = rights[:1]
	}
	var grants []string
	for _, right := range rights {
		if _, has := h.Global[strings.TrimSuffix(right, " ON *.*")]; !has {
			grants = append(grants, grantTo(right, h.CurrentUser))
		}
	}
	return grants
}
