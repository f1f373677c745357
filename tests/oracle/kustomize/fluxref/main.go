// fluxref builds Flux Kustomizations with Flux's own packages, to check the emulation in flux.py against.
//
// It reads JSON lines {"root", "path", "kustomization", "variables"} and writes for each {"ok", "error", "objects"}:
// `kustomization` is the Flux object, `variables` all that its postBuild resolves to.
// With {"text", "variables"} it only substitutes, and writes {"ok", "error", "text"}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxcd/pkg/envsubst"
	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type request struct {
	Root          string                 `json:"root"`
	Path          string                 `json:"path"`
	Kustomization map[string]interface{} `json:"kustomization"`
	Variables     map[string]string      `json:"variables"`
	Text          *string                `json:"text"`
}

type answer struct {
	OK      bool              `json:"ok"`
	Error   string            `json:"error"`
	Text    string            `json:"text"`
	Objects []json.RawMessage `json:"objects"`
}

func build(r request) ([]json.RawMessage, error) {
	object := unstructured.Unstructured{Object: r.Kustomization}
	spec := r.Kustomization["spec"].(map[string]interface{})
	delete(spec, "postBuild")
	if len(r.Variables) > 0 {
		substitute := map[string]interface{}{}
		for name, value := range r.Variables {
			substitute[name] = value
		}
		spec["postBuild"] = map[string]interface{}{"substitute": substitute}
	}
	folder := filepath.Join(r.Root, r.Path)
	generator := kustomize.NewGenerator(r.Root, object)
	action, err := generator.WriteFile(folder, kustomize.WithSaveOriginalKustomization())
	if err != nil {
		return nil, err
	}
	defer kustomize.CleanDirectory(folder, action)
	built, err := kustomize.SecureBuild(r.Root, folder, true)
	if err != nil {
		return nil, err
	}
	objects := []json.RawMessage{}
	for _, resource := range built.Resources() {
		if spec["postBuild"] != nil {
			changed, err := kustomize.SubstituteVariables(context.Background(), nil, object, resource, kustomize.SubstituteWithDryRun(true))
			if err != nil {
				return nil, err
			}
			if changed != nil {
				resource = changed
			}
		}
		data, err := resource.MarshalJSON()
		if err != nil {
			return nil, err
		}
		objects = append(objects, data)
	}
	return objects, nil
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		var a answer
		if r.Text != nil {
			a.Text, err = envsubst.Eval(*r.Text, func(name string) (string, bool) { return r.Variables[name], true })
		} else {
			a.Objects, err = build(r)
		}
		if a.OK = err == nil; !a.OK {
			a.Error = err.Error()
		}
		out.Encode(a)
	}
}
