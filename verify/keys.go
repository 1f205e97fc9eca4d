package verify

import (
	"crypto"

	"myca/finding"
)

// PrivateKey is what is wrong with a private key by itself: published, or weak.
func (r Rules) PrivateKey(where string, key crypto.Signer) []finding.Finding { return nil }
