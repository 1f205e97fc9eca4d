package verify

import (
	"time"

	"myca/finding"
)

// Report is what a diagnosis of files found.
type Report struct {
	Examined []Examined
	Options  []InForce
	Findings []finding.Finding
	Unseen   []string // what could not be judged, and why
}

// Examined is one thing that a diagnosis looked at.
type Examined struct {
	Path     string
	Kind     string
	Subject  string
	NotAfter time.Time
}

// InForce is an option of TLS as a program has it.
type InForce struct {
	Program string `json:"program"`
	Option  string `json:"option"`
	Value   string `json:"value"`
	File    string `json:"file"`
	Line    int    `json:"line"`
}

// Add puts another report behind.
func (r *Report) Add(other Report) {}
