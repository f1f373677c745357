//! Nomad jobs: the image of every task that runs a container.

use super::terraform_module::declared;
use super::{Desk, Format, Read, tell};
use crate::facts::Role;
use crate::syntax::expand::{Dialect, expand};
use crate::syntax::hcl;
use crate::syntax::provide::Names;
use crate::text::File;

pub(super) const FORMAT: Format = Format { name: "nomad", wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let named = [".nomad", ".nomad.hcl", ".nomad.tpl", ".hcl"].iter().any(|end| base.ends_with(end));
    named && file.has("job") && file.has("task") && file.has("image")
}

fn read(desk: &mut Desk) {
    let (body, problems) = hcl::read(desk.file.id, desk.file.text);
    desk.problems.extend(problems);
    let budget = desk.budget.clone();
    let provider = |name: &str| {
        let named = name.split_once('.');
        named.and_then(|(kind, path)| declared(&body, kind, path)).into()
    };
    let names = Names::asking(&provider, &budget);
    for job in body.blocks("job") {
        let tasks = job
            .body
            .blocks("group")
            .flat_map(|group| group.body.blocks("task").map(move |task| (Some(group), task)));
        for (group, task) in tasks.chain(job.body.blocks("task").map(|task| (None, task))) {
            let Some(image) = task.body.blocks("config").find_map(|config| config.body.get("image")) else {
                continue;
            };
            let Some(whole) = image.part().filter(|whole| !whole.text.is_empty()) else { continue };
            // Machines have images too.
            if matches!(
                task.body.get("driver").and_then(|driver| driver.text()),
                Some("qemu" | "exec" | "raw_exec" | "java")
            ) {
                continue;
            }
            let group = group.map_or(String::new(), |group| format!("group[{}].", group.label(0)));
            let path = format!("{group}task[{}].config.image", task.label(0));
            let owner = tell::owner(desk, FORMAT.name, "job", job.label(0));
            tell::image(desk, &owner, path, &expand(&whole, Dialect::Hcl, &names), Role::Pull, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_tasks() {
        let text = "variable \"v\" {\n  default = \"1.2\"\n}\njob \"j\" {\n  group \"g\" {\n    task \"t\" {\n      driver = \"docker\"\n      config {\n        image = \"a/b:${var.v}\"\n      }\n    }\n    task \"m\" {\n      driver = \"qemu\"\n      config {\n        image = \"x\"\n      }\n    }\n  }\n  task \"u\" {\n    config {\n      image = \"c:[[ .tag ]]\"\n    }\n  }\n}\n";
        assert_eq!(
            images(&FORMAT, "x.nomad", text),
            [
                "job/j group[g].task[t].config.image a/b:1.2 ‹a/b:·1.2›",
                "job/j task[u].config.image c:[[ .tag ]]",
            ]
        );
    }
}
