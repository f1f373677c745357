//! Nomad jobs: the image of every task that runs a container. What tasks keep is in `nomad_volumes`.

use super::terraform_module::declared;
use super::{Desk, Format, Read, nomad_volumes, tell};
use crate::facts::Role;
use crate::syntax::Node;
use crate::syntax::expand::{Dialect, expand};
use crate::syntax::hcl::{self, Block};
use crate::syntax::provide::Names;
use crate::text::{File, Part};

pub(super) const FORMAT: Format = Format { name: "nomad", words: &[], wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let named = [".nomad", ".nomad.tpl", ".hcl", ".job"].iter().any(|end| base.ends_with(end));
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
    let filled = |part: &Part| expand(part, Dialect::Hcl, &names);
    for job in body.blocks("job") {
        let owner = tell::owner(desk, FORMAT.name, "job", job.label(0));
        let whole = nomad_volumes::Job { block: job, owner: &owner, filled: &filled };
        let alone = job.body.blocks("task").map(|task| (None, vec![task]));
        let groups = job.body.blocks("group").map(|group| (Some(group), group.body.blocks("task").collect()));
        for (group, tasks) in groups.chain(alone) {
            let tasks: Vec<&Block> = tasks.into_iter().filter(|task| runs_image(task)).collect();
            for task in &tasks {
                let image = task.body.blocks("config").find_map(|config| config.body.get("image")?.part());
                let Some(image) = image.filter(|image| !image.text.is_empty()) else { continue };
                let inside = group.map_or(String::new(), |group| format!("group[{}].", group.label(0)));
                let path = format!("{inside}task[{}].config.image", task.label(0));
                tell::image(desk, &owner, path, &filled(&image), Role::Pull, None);
            }
            nomad_volumes::read(desk, &whole, group, &tasks);
        }
    }
}

/// Machines have images too.
fn runs_image(task: &Block) -> bool {
    let driver = task.body.get("driver").and_then(Node::text);
    !matches!(driver, Some("qemu" | "exec" | "raw_exec" | "java"))
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
