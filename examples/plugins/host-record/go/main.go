// host-record: a client that was seen gets a DNS record. Needs nothing but the standard library to build.
//
// Reads PluginRequests (JSON) from stdin, writes a PluginResult (one line of JSON) for each. The same program serves
// both modes: the decoder takes one document after another until stdin ends.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"regexp"
	"sort"
	"strings"
)

const label = `[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`

var hostName = regexp.MustCompile(`^` + label + `(?:[.]` + label + `)*$`)

type event struct {
	ID      string            `json:"id"`
	Type    string            `json:"type"`
	Subject string            `json:"subject"`
	Payload map[string]string `json:"payload"`
}

type request struct {
	Spec struct {
		Events *[]event `json:"events"`
	} `json:"spec"`
	Meta json.RawMessage `json:"meta"`
}

type metadata struct {
	Name string `json:"name"`
}

type record struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type resource struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       record   `json:"spec"`
}

type outcome struct {
	EventID string `json:"eventId"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

type report struct {
	Severity string `json:"severity"`
	Reason   string `json:"reason"`
	Message  string `json:"message"`
}

type proposal struct {
	TTL       string     `json:"ttl"`
	Resources []resource `json:"resources"`
	Outcomes  []outcome  `json:"outcomes"`
}

type failure struct {
	Results []report `json:"results"`
}

type result struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   metadata        `json:"metadata"`
	Meta       json.RawMessage `json:"meta,omitempty"`
	Status     any             `json:"status"`
}

// recordOf gives name and address of a seen client, or why there are none.
func recordOf(seen event) (record, error) {
	address := strings.TrimSuffix(seen.Subject, "/32")
	if parsed, err := netip.ParseAddr(address); err != nil || !parsed.Is4() {
		return record{}, errors.New("the subject is not one IPv4 address")
	}
	name := strings.ToLower(seen.Payload["name"])
	if len(name) > 253 || !hostName.MatchString(name) {
		return record{}, errors.New("payload.name is no host name")
	}
	return record{Name: name, Address: address}, nil
}

func statusFor(events *[]event) any {
	if events == nil {
		return failure{[]report{{"fatal", "RequestNotUsable", "spec.events is no list"}}}
	}
	records := map[string]record{}
	outcomes := []outcome{}
	for _, seen := range *events {
		if seen.Type != "client.seen" {
			outcomes = append(outcomes, outcome{seen.ID, "ignored", "the type is not client.seen"})
			continue
		}
		found, err := recordOf(seen)
		if err != nil {
			outcomes = append(outcomes, outcome{seen.ID, "failed", err.Error()})
			continue
		}
		records[found.Name] = found // two facts about one name: the later one counts
	}
	names := make([]string, 0, len(records))
	for name := range records {
		names = append(names, name)
	}
	sort.Strings(names)
	resources := []resource{}
	for _, name := range names {
		resources = append(resources, resource{"dns.example.net/v1", "HostRecord", metadata{name}, records[name]})
	}
	return proposal{ttl(), resources, outcomes}
}

func ttl() string {
	if set := os.Getenv("RECORD_TTL"); set != "" {
		return set
	}
	return "30m"
}

func main() {
	requests := json.NewDecoder(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		var asked request
		if err := requests.Decode(&asked); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "host-record: stdin is no PluginRequest:", err)
			os.Exit(1)
		}
		err := answers.Encode(result{
			APIVersion: "plugin.routerd.net/v1alpha1",
			Kind:       "PluginResult",
			Metadata:   metadata{"host-record"},
			Meta:       asked.Meta,
			Status:     statusFor(asked.Spec.Events),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "host-record:", err)
			os.Exit(1)
		}
	}
}
