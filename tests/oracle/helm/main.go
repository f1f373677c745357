// Renders templates with helm's own engine: a line of JSON in, a line of JSON out. See README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"
)

type request struct {
	Values    string            `json:"values"`
	Templates map[string]string `json:"templates"`
	Files     map[string]string `json:"files"`
}

type answer struct {
	Out   string `json:"out"`
	Error string `json:"error,omitempty"`
}

func render(asked request) (answered answer) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answered.Error = fmt.Sprint(panicked)
		}
	}()
	made := &chart.Chart{Metadata: &chart.Metadata{
		APIVersion: "v2", Name: "web", Version: "1.2.3", AppVersion: "2.0", Description: "a chart",
	}}
	for name, text := range asked.Templates {
		made.Templates = append(made.Templates, &chart.File{Name: "templates/" + name, Data: []byte(text)})
	}
	for name, text := range asked.Files {
		made.Files = append(made.Files, &chart.File{Name: name, Data: []byte(text)})
	}
	values := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(asked.Values), &values); err != nil {
		return answer{Error: err.Error()}
	}
	options := chartutil.ReleaseOptions{Name: "rel", Namespace: "default", Revision: 1, IsInstall: true}
	top, err := chartutil.ToRenderValues(made, values, options, nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	out, err := engine.Render(made, top)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Out: out["web/templates/case.yaml"]}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		line, err := json.Marshal(render(asked))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
