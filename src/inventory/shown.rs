//! Which texts of the inventories may hold a secret: all but the names of files and our own words.

use super::{
    BackupRow, ClaimRow, DatabaseRow, Gap, Ground, Hint, ImageRow, ImageStock, Lies, SealedRow, SealedStock,
    Spot, StorageStock, Untold, VolumeRow,
};
use crate::facts::{MASK, Pin, Sealing};
use crate::redact::{Cover, Text};

type Each<'e> = &'e mut dyn FnMut(&mut dyn Text);

impl Cover for ImageStock {
    fn texts(&mut self, each: Each) {
        let ImageStock { rows, unread: _, gaps } = self;
        rows.texts(each);
        gaps.texts(each);
    }

    fn settle(&mut self) {
        for row in &mut self.rows {
            row.used_by.sort();
            row.objects.sort();
            if row.reference.contains(MASK) {
                // How a secret looks as a tag is nothing to tell.
                (row.pin, row.note) = (Pin::Unknown, String::new());
            }
        }
        self.rows.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

impl Cover for ImageRow {
    fn texts(&mut self, each: Each) {
        let ImageRow {
            reference,
            registry,
            repository,
            tag,
            digest,
            pin: _,
            place,
            also,
            used_by,
            objects,
            delivered: _,
            format: _,
            note,
            known: _,
        } = self;
        each(reference);
        [registry, repository, tag, digest].into_iter().for_each(|part| part.texts(each));
        place.texts(each);
        also.texts(each);
        used_by.texts(each);
        objects.texts(each);
        each(note);
    }
}

impl Cover for Gap {
    fn texts(&mut self, each: Each) {
        let Gap { kind: _, severity: _, says, place } = self;
        each(says);
        place.texts(each);
    }
}

impl Cover for Spot {
    fn texts(&mut self, each: Each) {
        // A file is called as it is: under another name nobody finds it.
        let Spot { file: _, start: _, inner } = self;
        inner.texts(each);
    }
}

impl Cover for SealedStock {
    fn texts(&mut self, each: Each) {
        let SealedStock { rows, gaps } = self;
        rows.texts(each);
        gaps.texts(each);
    }
}

impl Cover for SealedRow {
    fn texts(&mut self, each: Each) {
        let SealedRow { state: _, place, says } = self;
        place.texts(each);
        let Sealing { tool, rule, covered: _, encrypted: _, plain: _, outside: _, comments: _, note } = says;
        each(tool);
        each(rule);
        each(note);
    }
}

impl Cover for StorageStock {
    fn texts(&mut self, each: Each) {
        let StorageStock { databases, claims, volumes, untold, hints, gaps } = self;
        gaps.texts(each);
        databases.texts(each);
        claims.texts(each);
        volumes.texts(each);
        untold.texts(each);
        hints.texts(each);
    }

    fn settle(&mut self) {
        for claim in &mut self.claims {
            claim.used_by.sort();
        }
        for volume in &mut self.volumes {
            volume.used_by.sort();
        }
        self.databases.sort();
        self.claims.sort();
        self.volumes.sort();
        self.untold.sort();
    }
}

impl Cover for Untold {
    fn texts(&mut self, each: Each) {
        let Untold { why: _, reason, whose, place, has_row: _ } = self;
        each(reason);
        each(whose);
        place.texts(each);
    }
}

impl Cover for Hint {
    fn texts(&mut self, each: Each) {
        match self {
            Hint::Class { class, claims: _ } => each(class),
            Hint::Charts { releases: _ } => {}
        }
    }
}

impl Cover for DatabaseRow {
    fn texts(&mut self, each: Each) {
        let DatabaseRow {
            who,
            home: _,
            engine,
            major: _,
            because,
            what,
            claim,
            on,
            instances,
            backup: _,
            backups,
            ground,
            road,
        } = self;
        [who, engine, because, what].into_iter().for_each(|text| each(text));
        claim.texts(each);
        on.texts(each);
        instances.texts(each);
        backups.texts(each);
        ground.texts(each);
        road.texts(each);
    }
}

impl Cover for ClaimRow {
    fn texts(&mut self, each: Each) {
        let ClaimRow { namespace, name, owner, size, used_by, used_at, road, backups, ground } = self;
        [namespace, name, owner].into_iter().for_each(|text| each(text));
        size.texts(each);
        used_by.texts(each);
        used_at.texts(each);
        road.texts(each);
        backups.texts(each);
        ground.texts(each);
    }
}

impl Cover for BackupRow {
    fn texts(&mut self, each: Each) {
        let BackupRow { kind: _, by, schedule, to, place } = self;
        each(by);
        schedule.texts(each);
        to.texts(each);
        place.texts(each);
    }
}

impl Cover for VolumeRow {
    fn texts(&mut self, each: Each) {
        let VolumeRow {
            kind: _,
            path,
            name,
            protocol: _,
            driver,
            claims,
            keeps: _,
            size,
            used_by,
            used_at,
            ground,
        } = self;
        each(name);
        [path, driver, size].into_iter().for_each(|part| part.texts(each));
        claims.texts(each);
        used_by.texts(each);
        used_at.texts(each);
        ground.texts(each);
    }
}

impl Cover for Lies {
    fn texts(&mut self, each: Each) {
        let Lies { kind: _, path } = self;
        path.texts(each);
    }
}

impl Cover for Ground {
    fn texts(&mut self, each: Each) {
        let Ground {
            class,
            decided: _,
            reason,
            standing: _,
            provisioner,
            replicas,
            environment,
            cluster,
            delivered: _,
            place,
        } = self;
        let parts = [class, reason, provisioner, replicas, environment, cluster];
        parts.into_iter().for_each(|part| part.texts(each));
        place.texts(each);
    }
}
