package main

import "strings"

// knownTeam is what a team says of whom people may add to it.
type knownTeam struct {
	AllowedDomains     string `json:"allowed_domains"`
	IsGroupConstrained bool   `json:"is_group_constrained"`
}

// objectionTo says why the server would not let people add somebody to the team, or "". It asks so of accounts that are
// there alone: the import job puts new ones into any team, and so do we.
func (t knownTeam) objectionTo(person knownPerson, defaults serverDefaults) string {
	domains := []string{t.AllowedDomains, defaults.domains}
	if person.isGuest() {
		domains = []string{defaults.guestDomains}
	}
	switch {
	case person.IsBot:
		return ""
	case t.IsGroupConstrained && !person.IsInItsGroups:
		return "the team takes the members of its groups alone"
	case !isOfDomains(person.Email, domains):
		return "the team takes addresses of some domains alone"
	}
	return ""
}

// isOfDomains says whether each list that names domains, with or without commas and @, names that of an address.
func isOfDomains(email string, lists []string) bool {
	for _, one := range lists {
		domains := strings.Fields(strings.NewReplacer("@", " ", ",", " ").Replace(strings.ToLower(one)))
		isOfIt := len(domains) == 0
		for _, domain := range domains {
			isOfIt = isOfIt || strings.HasSuffix(strings.ToLower(email), "@"+domain)
		}
		if !isOfIt {
			return false
		}
	}
	return true
}
