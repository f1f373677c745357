//! Hostile input: nothing panics, and time grows as the text does. Random bytes, spliced fixtures, endless lines,
//! encodings inside encodings.

use pintle::testing::secrets::{Context, Dice, Tables, Trees, expand, read as door};
use pintle::testing::{Fact, File, Secret, yaml};
use pintle::{Book, SourceId};

fn read(name: &str, text: &str, tables: &Tables) -> Vec<Fact<Secret>> {
    let file = File { id: SourceId(0), name, text };
    let documents = if file.is_yaml() { yaml::read(file.id, text).documents } else { Vec::new() };
    door(&file, Trees::Read(&documents), &Context::new(tables)).facts
}

#[test]
fn random_and_spliced_texts_never_panic_and_every_span_stands_on_boundaries() {
    let (book, _) = Book::built_in();
    let names = [
        "a.yaml",
        "secret.json",
        ".env",
        "x.sh",
        "main.tf",
        "README.md",
        "a.py",
        ".netrc",
        "compose.yml",
        "x.sops.yaml",
        "a.conf",
        "a.http",
        "a.sql",
        "web.config",
        ".pgpass",
    ];
    let pieces = [
        "apiVersion: v1\nkind: Secret\n",
        "stringData:\n  ",
        "data: {",
        "password",
        ": ",
        "=",
        "\"",
        "'",
        "\n",
        "  ",
        "- ",
        "://",
        "@",
        ":",
        "-----BEGIN ",
        "PRIVATE KEY",
        "-----",
        "END ",
        "docker login -p ",
        "--from-literal=",
        "${",
        ":-",
        "}",
        "{{",
        "ENC[",
        "sops:\n  mac: x\n",
        "ä",
        "𝄞",
        "eyJ",
        "ghp_",
        "AKIA",
        "variable \"token\" {",
        "<<EOT\n",
        "kind: Secret\n",
        "curl -u a:",
        "mysql -p",
        "Authorization: Basic ",
        "IDENTIFIED BY '",
        "requirepass ",
        "<add key=",
        " | chpasswd",
        "chpasswd:\n",
        "env:\n",
        "args: [",
        "services:\n",
        "\\",
        "\t",
        "users:\n",
        "auths",
        "!vault ",
    ];
    let mut dice = Dice::new(42);
    let mut found = 0;
    for round in 0..1500 {
        let mut text = String::new();
        for _ in 0..dice.below(60) {
            match dice.below(4) {
                0 => text.push_str(&expand("{base64*24}", round)),
                1 => text.push(char::from_u32(dice.below(0x2000) as u32).unwrap_or('x')),
                _ => text.push_str(pieces[dice.below(pieces.len())]),
            }
        }
        for fact in read(names[dice.below(names.len())], &text, &book.tables) {
            assert!(text.get(fact.origin.span().range()).is_some(), "{:?} in {text:?}", fact.origin.span());
            found += 1;
        }
    }
    assert!(found > 100, "{found} facts: the splices must reach the finders");
}

/// The seconds that this thread has been at work: what others do on the machine does not count. Where that is not known,
/// nothing is measured.
#[allow(clippy::disallowed_methods)]
fn worked() -> f64 {
    let known = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    known.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

#[test]
fn time_grows_with_the_text_and_not_faster() {
    let (book, _) = Book::built_in();
    let deep = |mut text: String| {
        while text.len() < 40_000 {
            text = expand("{b64:@}", 1).replace("QA==", &pintle_encode(&text));
        }
        text
    };
    // Something to find, so that somebody asks whether it is in ciphertext.
    let login = expand("https://bot:{base62*12}@h.io ", 1);
    let shapes: Vec<(&str, &str, String)> = vec![
        ("one line of words", "a.txt", "lorem ipsum dolor ".into()),
        ("prefixes", "a.txt", "ghp_aaaaaaaaaaaaaaaa ".into()),
        ("prefixes in one run", "a.txt", "pypi-AgEIcHlwaS5vcmc-".into()),
        ("web token heads", "a.txt", "eyJhbGciOiJIUzI1NiJ9.".into()),
        ("assignments", ".env", "PASSWORD=".into()),
        ("names", "a.py", "password_".into()),
        ("URLs", "a.txt", "a://b:c".into()),
        ("signs", "a.txt", "://@:@:".into()),
        ("armor", "a.txt", "-----BEGIN RSA PRIVATE KEY-----".into()),
        ("commands", "a.sh", "kubectl create secret --from-literal=a=b ".into()),
        ("logins", "a.sh", " login -p x".into()),
        ("values", "a.yaml", "{token: 0a1b2c3d4e5f6071, ".into()),
        (
            "encrypted values",
            "a.txt",
            "ENC[AES256_GCM,data:ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ".into(),
        ),
        ("heads of vaults", "a.txt", format!("$ANSIBLE_VAULT;1.1;AES256 {login}")),
        ("heads of age", "a.txt", format!("-----BEGIN AGE ENCRYPTED FILE-----YWdl{login}")),
        ("heads of PGP", "a.txt", format!("-----BEGIN PGP MESSAGE----- hQEM {login}")),
        (
            "words of vaults",
            "a.txt",
            format!("vault:v1:vault:v1:aaaa ENC(aaaa EJ[1:aaaa:ENC[PKCS7,aaaa {login}"),
        ),
        (
            "base64 that ends too early",
            "a.txt",
            format!("{} ", expand("{b64:the words of a text that anybody reads}", 1)),
        ),
        ("names as long as base64", "a.c", "a_long_name_of_a_function_in_a_program_of_ours(".into()),
        ("percent signs", "a.txt", "%41%42".into()),
        ("escapes", "a.json", "\\/\\u0041\\u0042 ".into()),
        ("packed text", "a.txt", format!("{}\n", expand("{gz:{same*20000}}", 1))),
        (
            "values of a file of SOPS",
            "x.sops.yaml",
            "a: ENC[AES256_GCM,data:aaaa]\nsops: {mac: x}\n---\n".into(),
        ),
        (
            "lines of a file of SOPS",
            "x.env",
            "A=ENC[AES256_GCM,data:aaaa]\n# c\nsops_mac=x\nsops_encrypted_comment_regex=c\n".into(),
        ),
        ("quotes that never end", "a.sh", "curl -u \"bot:mysql -p'".into()),
        ("commands on one line", "a.sh", "curl -u bot:kestrel7Lime redis-cli -a kestrel7Lime ".into()),
        ("pipes", "a.sh", "echo kestrel7Lime | chpasswd | sudo -S ".into()),
        ("flags", "a.sh", " --password --token kestrel7Lime".into()),
        (
            "here-documents that never end",
            "a.sh",
            "cat <<EOF\nkind: Secret\nstringData:\n  a: kestrel7Lime\n".into(),
        ),
        ("Secrets within Secrets", "a.tmpl", " kind: Secret\nkind: Secret\n  kind: Secret\ndata:\n".into()),
        ("Secrets in JSON", "a.sh", "{\"stringData\": {\"a\": \"kestrel7Lime\", ".into()),
        ("headers", "a.http", "Authorization: Basic bob Bearer kestrel7Lime ".into()),
        ("statements", "a.sql", "CREATE USER a IDENTIFIED BY PASSWORD '".into()),
        ("directives", "a.conf", "requirepass kestrel7Lime\nuser a on >kestrel7Lime ".into()),
        ("one directive", "a.conf", "requirepass kestrel7Lime ".into()),
        (
            "blocks that never end",
            "a.tf",
            "resource \"kubernetes_secret\" \"a\" {\n data = {\n a = \"kestrel7Lime\"\n".into(),
        ),
        ("documents that never end", "b.tf", "a = <<EOT\npassword = \"kestrel7Lime\"\n".into()),
        ("attributes", "a.xml", "<a password=\"kestrel7Lime\" <Value>".into()),
        ("connections", "a.json", format!("{{\"a\": \"host=db user=app password={}\"}}, ", "kestrel7Lime")),
        (
            "maps of words",
            "b.yaml",
            "- {name: password, value: kestrel7Lime, args: [redis-cli, -a, kestrel7Lime]}\n".into(),
        ),
        ("levels of maps", "c.yaml", "a: {kind: Secret, data: ".into()),
        ("Terraform", "a.tf", "variable \"password\" { default".into()),
        (
            "an encoding in an encoding",
            "secret.yaml",
            format!("apiVersion: v1\nkind: Secret\ndata:\n  a: {}\n---\n", deep("x".into())),
        ),
    ];
    for (what, name, unit) in shapes {
        let time = |size: usize, rounds: usize| {
            let text = unit.repeat(size / unit.len() + 1);
            let best = (0..2).map(|_| {
                let start = worked();
                (0..rounds).for_each(|_| drop(read(name, &text, &book.tables)));
                worked() - start
            });
            best.fold(f64::MAX, f64::min)
        };
        let (small, large) = (time(50_000, 8), time(400_000, 1));
        println!("{what}: {:.1} ms for eight times 50 KB, {:.1} ms for 400 KB", small * 1e3, large * 1e3);
        // As much text; a quadratic finder would take eight times as long. The clock of a thread may tick slowly.
        assert!(
            large < small * 4.0 + 0.02,
            "{what}: {small:.4} s for eight times 50 KB, {large:.4} s for 400 KB"
        );
        assert!(large < 8.0, "{what}: {large:.2} s");
    }
}

/// What is written in an entity is nobody's value, and a thousand levels hide none.
#[test]
fn entities_are_not_expanded_and_levels_hide_nothing() {
    let (book, _) = Book::built_in();
    let value = expand("{letters*2}{base62*18}{digits*2}", 3);
    let xml = |inner: &str| {
        format!(
            "<!DOCTYPE a [<!ENTITY b \"{value}\"><!ENTITY c \"&b;&b;\">]>\n<a><password>{inner}</password></a>\n"
        )
    };
    assert!(read("a.xml", &xml("&c;"), &book.tables).is_empty());
    assert_eq!(read("a.xml", &xml(&value), &book.tables).len(), 1, "the same without an entity");
    for levels in [1, 10, 100, 1_000, 20_000] {
        let (open, close) = ("{\"a\": ".repeat(levels), "}".repeat(levels));
        let text = format!("{open}{{\"password\": \"{value}\"}}{close}\n");
        let file = File { id: SourceId(0), name: "a.json", text: &text };
        let unread = || yaml::read(file.id, &text);
        let facts = door(&file, Trees::Unread(&unread), &Context::new(&book.tables)).facts;
        assert_eq!(facts.len(), 1, "{levels} levels");
    }
}

/// Base64 through the one encoder that is public: a recipe.
fn pintle_encode(text: &str) -> String {
    expand(&format!("{{b64:{text}}}"), 1)
}
