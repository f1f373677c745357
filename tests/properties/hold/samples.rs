//! A sample of each format: of all that it has a branch for.

/// Format, file name, text: each with everything in it that the format has a branch for.
pub const SAMPLES: &[(&str, &str, &str)] = &[
    (
        "kustomize",
        "app/kustomization.yaml",
        "resources: [deploy.yaml]\nimages:\n  - name: a/b\n    newName: c/d\n    newTag: \"1.2\"\n",
    ),
    (
        "kubernetes",
        "deploy.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: c\n          image: nginx:1.25 # why\n",
    ),
    (
        "flux",
        "release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  chart: {spec: {chart: c, version: '>=1', sourceRef: {kind: HelmRepository, name: s}}}\n  values:\n    image: {repository: a/b, tag: 1.2.3}\n",
    ),
    (
        "helm-release",
        "release.yaml",
        "apiVersion: pintle/release\nkind: Release\nmetadata: {name: r, namespace: n}\nspec:\n  chart: {spec: {chart: s/c, version: '>=1'}}\n  values:\n    image: {repository: a/b, tag: 1.2.3}\n",
    ),
    (
        "argocd",
        "app.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    chart: c\n    repoURL: https://x\n    targetRevision: 1.x\n    helm:\n      values: |\n        image:\n          repository: a/b\n          tag: latest\n",
    ),
    (
        "helm-values",
        "chart/values.yaml",
        "global: {imageRegistry: r.io}\nimage:\n  registry: ghcr.io\n  repository: a/b\n  tag: 1.10\nsidecarImage: c/d:1@sha256:ab\nweb: {image: n/e, imageTag: 'v1'}\nxImageRepository: f/g\nxImageTag: 2\nold: {image: {repository: h, sha: 9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496}}\npersistence: {data: {type: pvc, storageClass: fast}}\nstorageClasses: [{name: fast, storageClass: {isDefaultClass: true}}]\n",
    ),
    (
        "dockerfile",
        "Dockerfile",
        "# syntax=docker/dockerfile:1\n# escape=\\\nARG V=1.2 D\nFROM --platform=$P a:${V}${D:+@${D}} AS b # x\nRUN <<EOF\napk add gcc\nEOF\nRUN --mount=type=bind,from=c:1,target=/x apt-get install -y make \\\n  # why\n  && true\nENV A=\"b c\" D 'e'\nFROM b\nCOPY --from=ghcr.io/d/e:latest / /\nUSER 1000\nCMD [\"a\", \"ü\"]\n",
    ),
    (
        "compose",
        "compose.yaml",
        "x-a: &a {image: 'a:${T:-1}'}\nservices:\n  w: {<<: *a}\n  b:\n    build: {additional_contexts: [base=docker-image://c:1]}\n    image: ${R:?no}/d:$$e\n",
    ),
    (
        "actions",
        ".github/workflows/a.yml",
        "env: {X_IMAGE: 'a/b:1'}\njobs:\n  j:\n    container: {image: 'c:${{ d }}'}\n    services: {e: {image: f}}\n    steps:\n      - uses: g/h@v1 # v1.2\n      - {name: n, uses: 'docker://i:1'}\n  k: {uses: ./l, container: m:1}\n",
    ),
    (
        "gitlab-ci",
        ".gitlab-ci.yml",
        "variables: {A: b/c, D: {value: $A/d}}\nimage: {name: '$D:1'}\nj:\n  image: ${A}:2 # x\n  services: [e:3, {name: f, alias: g}]\n",
    ),
    (
        "circleci",
        ".circleci/config.yml",
        "jobs: {j: {docker: [{image: 'a:<< p >>'}, {name: b, image: c}]}}\nexecutors: {e: {docker: [{image: d}]}}\n",
    ),
    (
        "azure-pipelines",
        "azure-pipelines.yml",
        "resources: {containers: [{container: a, image: b}]}\njobs: [{job: j, container: a, services: {c: d}}]\nstages: [{jobs: [{deployment: e, container: {image: $(f)}}]}]\n",
    ),
    (
        "bitbucket",
        "bitbucket-pipelines.yml",
        "image: {name: a}\npipelines: {default: [{step: {image: b, script: [{pipe: docker://c}]}}]}\n",
    ),
    ("woodpecker", ".woodpecker.yml", "steps: [{name: a, image: b}]\nservices: {c: {image: d}}\n"),
    (
        "terraform",
        "main.tf",
        "variable \"v\" {\n  default = \"1.2\"\n}\nlocals {\n  a_image = \"a/b:${var.v}\"\n}\nresource \"docker_image\" \"d\" {\n  name = local.a_image # x\n}\nresource \"kubernetes_pod\" \"p\" {\n  spec {\n    container {\n      name = \"ü\"\n      image = \"e\"\n    }\n  }\n}\nresource \"helm_release\" \"r\" {\n  chart = \"c\"\n  set {\n    name = \"image.tag\"\n    value = \"1\"\n  }\n  values = [<<-EOF\n    image:\n      repository: f/g\n      tag: h\n  EOF\n  ]\n}\nresource \"aws_ecs_task_definition\" \"t\" {\n  container_definitions = jsonencode([{ image = \"i:1\" }])\n}\n",
    ),
    (
        "nomad",
        "a.nomad",
        "job \"j\" {\n  group \"g\" {\n    task \"t\" {\n      config {\n        image = \"a:${var.b}\"\n      }\n    }\n  }\n}\n",
    ),
    (
        "bake",
        "docker-bake.hcl",
        "variable \"V\" {\n  default = \"1\"\n}\ntarget \"t\" {\n  contexts = {\n    a = \"docker-image://b:${V}\"\n  }\n  tags = [\"c:1\"]\n}\n",
    ),
    (
        "ansible",
        "site.yml",
        "- hosts: all\n  vars:\n    v: '1.2'\n    y: false\n    a_image: \"{{ 'x/' if y else 'b/' }}c:{{ v }}\"\n    k: {p-image: 'd/e:1'}\n  tasks:\n    - block:\n        - docker_container: {image: '{{ a_image }}'}\n        - podman_image: {name: f, tag: \"{{ g | default('2') }}\"} # x\n",
    ),
    (
        "claims-in-objects",
        "db.yaml",
        "apiVersion: example.org/v1\nkind: Store\nmetadata: {name: a}\nspec:\n  disk: {volumeClaimTemplate: {spec: {storageClassName: fast, resources: {requests: {storage: 1Gi}}}}}\n  text: |\n    b: {storageClass: '${C}', existingClaim: d}\n",
    ),
    (
        "claims-in-values",
        "values.yaml",
        "a: {persistence: {enabled: true, size: 1Gi, storageClass: fast}}\nb: [{name: c, storageClassName: '{{ x }}'}]\nvolumeClaimTemplates: [{name: d, size: 1Gi}]\n",
    ),
    (
        "k3s-objects",
        "chart.yaml",
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: a}\nspec: {chart: a}\n",
    ),
    (
        "k3s",
        "group_vars/all.yml",
        "k3s_version: v1.31.2+k3s1\nk3s_server: {disable: [traefik, local-storage]}\n",
    ),
    ("quadlet", "web.container", "[Unit]\nA=b\n[Container]\n# c\nImage = ghcr.io/d/e:1 \\\n\nExec=f\n"),
    ("flux-markers", "release.yaml", "spec:\n  image: a/b:1.2 # {\"$imagepolicy\": \"flux-system:web\"}\n"),
    ("devcontainer", ".devcontainer/devcontainer.json", "{ // a\n\t\"image\": \"b:c\", /* ü */\n}\n"),
    (
        "skaffold",
        "skaffold.yaml",
        "apiVersion: skaffold/v4beta1\nbuild: {artifacts: [{image: a, jib: {fromImage: b}}]}\nverify: [{container: {image: c}}]\n",
    ),
    (
        "tilt",
        "Tiltfile",
        "# ü\nload('ext://x', 'docker_build_with_restart')\ndocker_build('a/b', 'c', build_args={'V': '1'}, target=\"d\")\ncustom_build(\n  ref='e:f',\n  command='make ' + x)\nk8s_yaml([kustomize('g'), helm('h', values=['i.yaml'])])\n",
    ),
    (
        "commands",
        "a.sh",
        "A=b/c\nexport T=\"1.2\" # x\nsudo docker run --rm -itv \"$PWD\":/x -e U=ü $A:${T:-3} sh \\\n  -c 'y'\nfor i in 1 2; do docker pull d:$i; done\nx=$(kubectl run y --image=e:1 <<EOF\nz\nEOF\n)\nhelm upgrade a b --set image.tag=2,image.repository=f/g\nssh h \"docker pull ${I:-h:1}\"\nI_IMAGE=j/k:1\n",
    ),
    (
        "commands-of-jobs",
        ".gitlab-ci.yml",
        "variables: {A: b/c, T: $A}\nj:\n  before_script: ['V=1']\n  script:\n    - docker run $T:$V\n    - |\n      docker pull ü/d:1\n      docker pull e:${F:-2}\n",
    ),
    (
        "machines",
        "talos/a.yaml",
        "talosVersion: v1.9.0\ntalosImageURL: a.b/c\nmachine:\n  install: {image: 'd/e:1'} # ü\n  pods: [{spec: {containers: [{image: f}]}}]\ncluster:\n  x: |\n    machine:\n      kubelet: {image: 'g/h:1'}\nr: [{type: registry-image, source: {repository: i}}]\n",
    ),
    (
        "literals",
        "a.yaml.tmpl",
        "{% if x %}\n- image: \"a/b:{{ c }}\" # ü\n{% endif %}\nimage: d/e:1\nfImage: 'g:1'\n",
    ),
    (
        "chart",
        "c/Chart.yaml",
        "name: c\ndependencies:\n  - {name: a, version: '^1', repository: 'https://x.y'} # z\n  - {name: b, repository: 'oci://x.y/z'}\n",
    ),
    ("recipes", "a.md", "```sh\ncurl x/manifests/1 | \\\n  jq -r .config.digest\n```\n"),
];
